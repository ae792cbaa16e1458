"""Repositories under other names at the target: everything that names them follows, and all else stays equal."""

from pathlib import Path
from typing import Any

import pytest
import yaml
from prefect.settings import get_current_settings

from acr_relocate.azure.resources import registries
from acr_relocate.core.errors import RelocationError
from acr_relocate.core.verification import unclean
from flows.import_images import import_images
from flows.relocate import relocate_registry
from flows.verify import verify_relocation
from local_azure.launcher import Emulator
from tests.contract.registry_factory import Pusher
from tests.service.conftest import Move, make_move
from tests.service.syncing import APP, synced
from tests.service.test_cli import run
from tests.service.test_steps import breaking

RENAME = {"legacy/monolith": "archive/monolith", "platform/**": "core/platform/**"}


def held(repositories: dict[str, Any]) -> dict[str, Any]:
    """Tags, digests and locks, by repository."""
    return {
        name: (
            one["tags"],
            {digest: manifest.get("attributes") for digest, manifest in one["manifests"].items()},
            one.get("attributes"),
        )
        for name, one in repositories.items()
    }


async def test_a_renamed_registry_is_equal_and_is_then_left_alone(
    emulator: Emulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Struck once amid the imports, run again, then a run without a write, and a verification with bytes."""
    move = make_move(emulator, ("platform/*", "legacy/*"), rename=RENAME)
    with monkeypatch.context() as patch:
        patch.setattr(registries, "import_image", breaking(registries.import_image, after=True))
        with pytest.raises(RelocationError):
            await relocate_registry(move.request)
    report = await relocate_registry(move.request)
    emulator.reset_stats()

    again = await relocate_registry(move.request)
    writes = emulator.stats()["writes"]
    verified = await verify_relocation(move.request, sample=5)

    source, there = (held(one) for one in move.contents())
    assert {move.request.names.to_target(name): one for name, one in source.items()} == there
    assert set(there) >= {"archive/monolith"}
    assert (report.verdict, report.rename, again.verdict, writes) == ("relocated", RENAME, "relocated", [])
    assert (verified.verdict, unclean(verified.differences)) == ("equal", ())


async def test_a_sync_follows_and_prunes_under_the_other_name(emulator: Emulator) -> None:
    """A moved and a deleted tag; the repository of others that has the source's name stays as it is."""
    async with synced(emulator, "follow", "gone", rename={APP: "core/app"}) as pair:
        theirs = await Pusher(pair.target).image(APP, "follow", text="somebody else's")
        await Pusher(pair.source).image(APP, "follow", text="moved")
        await pair.source.delete(APP, "gone")

        report = await import_images(pair.request.model_copy(update={"prune": True}))

        assert [outcome.subject for outcome in report.pruned] == [f"{APP}:gone"]
        assert await pair.target.head_digest("core/app", "follow") == await pair.source.head_digest(APP, "follow")
        assert await pair.target.head_digest("core/app", "gone") is None
        assert await pair.target.head_digest(APP, "follow") == theirs


def test_two_repositories_of_one_name_are_refused_by_the_command(small_move: Move, tmp_path: Path) -> None:
    """Before anything is written."""
    rename = {"legacy/monolith": "base/nginx"}
    selection = {"repositories": ["legacy/*", "base/nginx"]}
    request = small_move.request.model_dump(mode="json") | {"rename": rename, "selection": selection}
    path = tmp_path / "request.yaml"
    path.write_text(yaml.safe_dump(request))
    api = {"PREFECT_API_URL": str(get_current_settings().api.url)}

    status, output, errors = run("sync", str(path), "--dry-run", cwd=tmp_path, **api)
    path.write_text(yaml.safe_dump(request | {"rename": {"A": "b"}}))
    refused = run("sync", str(path), "--dry-run", cwd=tmp_path, **api)

    assert status == 1, output + errors
    assert "repositories_collide: base/nginx, legacy/monolith would all be base/nginx" in output
    assert refused[0] == 2
    assert "repository names are lower-case" in refused[2]
    assert small_move.emulator.stats()["writes"] == []
