"""Repositories under other names: apps, a cluster and files name the new ones, and what they name is pulled."""

from pathlib import Path

import pytest
from typer.testing import CliRunner

from acr_relocate.core.report.report import Report
from acr_relocate.core.verification import unclean
from deployments.cli import app
from flows.relocate import relocate_registry
from flows.verify import verify_relocation
from local_azure.launcher import Emulator
from tests.service.conftest import make_move
from tests.service.test_switching import RUN_BY_APPS, apps, in_cluster

pytestmark = pytest.mark.usefixtures("short_looks")

RENAME = {"contoso/**": "shop/**", "contoso/data/**": "figures/**"}
MANIFEST = """containers:
  - image: {server}/{repository}:1.4
"""


async def test_consumers_pull_under_the_new_names(own_demo: Emulator, tmp_path: Path) -> None:
    """Switched apps are proven healthy with the new name; a rewritten file names an image that a node pulls.

    Under the old name the target has nothing. Exchanged, the rewrite gives back the same bytes.
    """
    move = make_move(own_demo, RUN_BY_APPS, rename=RENAME, switch={"enabled": True, "max_parallel": 8})
    source, target = (f"{one.name}.azurecr.io" for one in (move.request.source, move.request.target))
    file = tmp_path / "deployment.yaml"
    file.write_text(MANIFEST.format(server=source, repository="contoso/shop/frontend"))
    before = file.read_bytes()

    report = await relocate_registry(move.request)
    verified = await verify_relocation(move.request, sample=5)
    switched = await apps(own_demo)
    rewritten = rewrite(tmp_path, source, target, *(f"{here}={there}" for here, there in RENAME.items()))
    image = file.read_text().split()[-1]
    pulled = await in_cluster(own_demo, f"kubectl run pulls --image={image}")
    old = await in_cluster(own_demo, f"kubectl run pulls --image={target}/contoso/shop/frontend:1.4")
    back = rewrite(tmp_path, target, source, *(f"{there}={here}" for here, there in RENAME.items()))

    assert isinstance(report, Report)
    assert isinstance(verified, Report)
    assert (report.verdict, verified.verdict, unclean(verified.differences)) == ("relocated", "equal", ())
    assert f"{target}/shop/shop/frontend:1.4" in str(switched["contoso-storefront"])
    assert f"{target}/figures/reporting:1.1" in str(switched["contoso-nightly-report"])
    assert f"DOCKER|{target}/shop/identity/login:1.2" in str(switched["contoso-portal"])
    assert f"{target}/shop/shop/frontend" in str(switched["frontend in the cluster"])
    assert image == f"{target}/shop/shop/frontend:1.4"
    assert (rewritten, back) == (0, 0)
    assert pulled == ""
    assert "not found" in old
    assert file.read_bytes() == before


def rewrite(folder: Path, old: str, new: str, *rules: str) -> int:
    """Rewrite the files of the folder as a person does; return the exit status."""
    options = [word for rule in rules for word in ("--rename", rule)]
    return (
        CliRunner().invoke(app, ["references", "rewrite", str(folder), "--from", old, "--to", new, *options]).exit_code
    )
