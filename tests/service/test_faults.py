"""Every named fault ends in recovery or in a named error, and a clean re-run completes."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from acr_relocate.core.errors import (
    AccessDenied,
    DeploymentFailed,
    NotRelocated,
    PolicyViolation,
    RegionRefused,
    SecondFactorRequired,
)
from acr_relocate.core.registry.lease import LEASE_KIND
from acr_relocate.core.report.report import Report
from flows.relocate import relocate_registry
from local_azure.state.faults import FAULTS
from tasks import images
from tasks.runs.events import Event, PhaseStarted, observing
from tests.service.conftest import Move, keep_passwords_in_vault

# What each fault needs to bite in a relocation; a short patience where Azure would wait for minutes.
PARAMETERS: dict[str, dict[str, object]] = {
    "throttle-arm": {"retry_after": 0.1},
    "throttle-oauth": {"retry_after": 0.1},
    "throttle-imports": {"times": 3},
    "import-fails-once": {"times": 3},
    "cut-connection": {"plane": "registry", "times": 3},
    "truncate-catalogue": {"times": 2},
    "conflict-on-existing-tag": {"other": True},
    "answer-lost": {"method": "PUT", "path": "/deployments/"},
    "odd-retry-after": {"value": "soon"},
    "listing-lags": {"times": 4},
    "made-not-shown": {"times": 4},
    "poll-unknown": {"times": 4},
    "reads-lag": {"seconds": 0.03},  # less than the waits for what was made, which are short in these tests
}
LAGS = (
    *("answer-lost", "default-port-in-links", "listing-lags", "made-not-shown", "odd-retry-after", "poll-unknown"),
    *("throttle-arm", "throttle-imports", "throttle-oauth", "throttle-queries", "role-not-propagated", "dns-not-yet"),
    *("import-fails-once", "import-500-after-accept", "secret-being-deleted", "cluster-busy"),
)
NEEDS_A_PERSON = {
    "conflict-on-existing-tag",
    "count-drifts",
    "deny-assignment",
    "not-offered",
    "policy-denies",
    "policy-on-groups",
    "region-refused",
    "resource-fails",
    "second-factor",
    "tag-moves-during-import",
}
OF_SWITCHES = {
    *("app-busy", "change-fails", "change-hangs", "flux-fails", "revision-fails", "revision-hangs"),
    *("rollout-hangs", "site-fails", "site-hangs", "workspace-fails"),
}
"""Of the dependents that a cut-over switches: tests/contract/test_switching*.py."""
HAS_A_TEST_OF_ITS_OWN = OF_SWITCHES | {
    "chaos",
    "defender-scans",
    "import-hangs",
    "odd-entry",
    "principal-not-found",
    "replica-syncs",
    "stops-at-write",
    "tags-outlive-manifest",
    "throttle-referrers",
}
REFUSALS = (NotRelocated, PolicyViolation, DeploymentFailed, RegionRefused, AccessDenied, SecondFactorRequired)


ALONE = sorted(FAULTS.keys() - NEEDS_A_PERSON - HAS_A_TEST_OF_ITS_OWN)


@pytest.fixture(name="vaulted_move")
def _vaulted_move(small_move: Move, tmp_path: Path) -> Iterator[Move]:
    """The small move, with a password that goes into a vault; Azure is as before afterwards."""
    before = tmp_path / "before.json"
    small_move.emulator.save(before)
    keep_passwords_in_vault(small_move)
    yield small_move
    small_move.emulator.load(before)


def has_bitten(move: Move, fault: str) -> bool:
    """Whether a call of the move has met the armed fault."""
    return bool(move.emulator.faults()[fault]["applied"])


@pytest.mark.parametrize("fault", [fault for fault in ALONE if fault not in LAGS])
async def test_a_fault_is_recovered_from(fault: str, small_move: Move) -> None:
    """The relocation completes in spite of the fault, which it met."""
    small_move.emulator.arm_fault(fault, **PARAMETERS.get(fault, {}))

    report = await relocate_registry(small_move.request)

    source, target = small_move.contents()
    assert has_bitten(small_move, fault)
    assert report.verdict == "relocated"
    assert source == target


async def test_an_azure_that_lags_in_every_way_at_once_is_moved_from(vaulted_move: Move) -> None:
    """All that goes away by itself, together; each of it alone is in tests/thorough/test_each_lag.py."""
    for fault in LAGS:
        vaulted_move.emulator.arm_fault(fault, **PARAMETERS.get(fault, {}))

    report = await relocate_registry(vaulted_move.request)

    source, target = vaulted_move.contents()
    assert [fault for fault in LAGS if not has_bitten(vaulted_move, fault)] == []
    assert report.verdict == "relocated"
    assert source == target


async def test_a_tag_that_is_taken_is_a_conflict_and_force_moves_it(small_move: Move) -> None:
    """Nothing is overwritten unless it is asked for; all else is imported."""
    small_move.emulator.arm_fault("conflict-on-existing-tag", other=True)
    events: list[Event] = []

    with observing(events.append), pytest.raises(NotRelocated):
        await relocate_registry(small_move.request)
    forced = await relocate_registry(small_move.request.model_copy(update={"force": True}))

    report = next(event for event in events if isinstance(event, Report))
    source, target = small_move.contents()
    assert [failure.code for failure in report.failures] == ["TagConflict"]
    assert forced.verdict == "relocated"
    assert [held["tags"] for held in source.values()] == [held["tags"] for held in target.values()]


async def test_a_tag_that_moves_meanwhile_is_a_difference_that_the_next_run_settles(small_move: Move) -> None:
    """The target has what was planned; the comparison sees that the source has moved on, and the next run follows."""
    small_move.emulator.arm_fault("tag-moves-during-import")

    with pytest.raises(NotRelocated, match="1 difference"):
        await relocate_registry(small_move.request)
    again = await relocate_registry(small_move.request)

    source, target = small_move.contents()
    assert again.verdict == "relocated"
    assert [held["tags"] for held in source.values()] == [held["tags"] for held in target.values()]


@pytest.mark.parametrize(
    ("fault", "what"),
    [
        pytest.param("not-offered", {"type": "registries", "location": "North Europe"}, marks=pytest.mark.thorough),
        ("policy-denies", {"type": "Microsoft.ContainerRegistry/registries"}),
        pytest.param("policy-on-groups", {}, marks=pytest.mark.thorough),
        pytest.param("region-refused", {"path": "/deployments/"}, marks=pytest.mark.thorough),
        pytest.param("second-factor", {}, marks=pytest.mark.thorough),
        ("deny-assignment", {"path": "/deployments/"}),
        pytest.param("resource-fails", {"resource": "deployfrontend"}, marks=pytest.mark.thorough),
    ],
)
async def test_what_azure_does_not_allow_is_a_named_error(fault: str, what: dict[str, str], small_move: Move) -> None:
    """The run ends there; once it is allowed, another completes."""
    small_move.emulator.arm_fault(fault, times="always", **what)

    with pytest.raises(REFUSALS):
        await relocate_registry(small_move.request)
    small_move.emulator.clear_faults()
    again = await relocate_registry(small_move.request)

    assert again.verdict == "relocated"


async def test_what_azure_would_refuse_by_then_is_not_deployed(small_move: Move) -> None:
    """A policy comes between plan and deployment: Azure is asked once more, and no half of a target is made."""

    def forbid(event: Event) -> None:
        if event == PhaseStarted("validate"):
            small_move.emulator.arm_fault("policy-denies", times="always", type="webhooks")

    with observing(forbid), pytest.raises(PolicyViolation):
        await relocate_registry(small_move.request)

    writes = small_move.emulator.stats()["writes"]
    leases = f"/deployments/acr-relocate-{LEASE_KIND}-"
    assert [write for write in writes if "/deployments/" in write and leases not in write] == []


async def test_an_import_that_hangs_is_a_named_failure(small_move: Move) -> None:
    """After its deadline the target is asked; the others are imported, and a run without the fault brings the rest."""
    small_move.emulator.arm_fault("import-hangs")
    events: list[Event] = []

    with pytest.MonkeyPatch.context() as patch, observing(events.append):
        patch.setattr(images, "SECONDS_PER_MINUTE", 0.05)
        patch.setattr(images.import_artifact, "retries", 0)
        with pytest.raises(NotRelocated):
            await relocate_registry(small_move.request)
    small_move.emulator.clear_faults()
    again = await relocate_registry(small_move.request)

    report = next(event for event in events if isinstance(event, Report))
    assert [failure.code for failure in report.failures] == ["ImportTimedOut"]
    assert again.imports.created == 1
    assert small_move.contents()[0] == small_move.contents()[1]
