"""A plan as a file: what it is an approval of, and the decisions of a plan as a request to complete."""

import stat
from pathlib import Path

import pytest
import yaml

from acr_relocate.core.approval.subjects import deployment_of
from acr_relocate.core.content.import_plan import needed
from acr_relocate.core.errors import InvalidRequest
from acr_relocate.core.findings import Finding
from acr_relocate.core.plan.plan import Plan, build
from acr_relocate.core.plan.planned_writes import PlannedChanges
from acr_relocate.core.request.approval_stage import Stage
from acr_relocate.core.request.relocation import RelocationRequest
from acr_relocate.core.request.selection import Selection
from deployments.commands import saved_plans
from tests.support.builders import content, image, registry, repository, request

WANT = content(repository("app", image("a"), v1="a"))
QUARANTINED = Finding(code="quarantined", severity="decision", message="app is in quarantine.", remedy="Release it.")
SUBNET = Finding(
    code="private_endpoint_without_subnet",
    severity="decision",
    message="There is no subnet.",
    remedy="subnets:\n  /subnets/apps: SUBNET-ID",
)


def plan(asked: RelocationRequest, *findings: Finding) -> Plan:
    imports = needed(WANT, content(), Selection())
    return build(asked, registry(), WANT, imports, findings, foresight=PlannedChanges())


def test_a_saved_plan_approves_what_it_rests_on_and_nothing_else(tmp_path: Path) -> None:
    """Planned again for the request in the file, it has the same digest; with another finding it has not."""
    saved_plans.save_plan(tmp_path / "plan.json", plan(request()))

    wanted, given = saved_plans.load_plan(tmp_path / "plan.json")

    assert Stage.BEFORE_DEPLOY in wanted.approvals
    assert deployment_of(plan(wanted)).digest == given.digest
    assert deployment_of(plan(wanted, QUARANTINED)).digest != given.digest
    assert stat.S_IMODE((tmp_path / "plan.json").stat().st_mode) == 0o600


@pytest.mark.parametrize("text", [None, "", "{}", "planned: no changes"])
def test_a_file_that_is_no_plan_is_refused(text: str | None, tmp_path: Path) -> None:
    """The remedy is the command that writes one."""
    if text is not None:
        (tmp_path / "plan.json").write_text(text)

    with pytest.raises(InvalidRequest, match="plan REQUEST --out FILE"):
        saved_plans.load_plan(tmp_path / "plan.json")


def test_decisions_are_a_request_to_complete() -> None:
    """It is the request as it was, with each entry to fill in, and any other decision as a comment with its default."""
    text = saved_plans.decisions_text(plan(request(), SUBNET, QUARANTINED))

    assert yaml.safe_load(text)["subnets"] == {"/subnets/apps": "SUBNET-ID"}
    assert yaml.safe_load(text)["source"]["name"] == request().source.name
    assert "# quarantined: app is in quarantine." in text
