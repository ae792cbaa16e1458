"""The way back: whatever a relocation came to, discarding it leaves Azure as it was before, to the byte."""

import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from prefect.exceptions import CancelledRun

import tasks.registry_rest
from acr_relocate.azure.changes import cut_over
from acr_relocate.azure.changes import discard as discarding
from acr_relocate.azure.client.session import connection
from acr_relocate.azure.resources import deployments, registries
from acr_relocate.core.approval.decision import ApprovalNeeded, ApprovalSubject, Decision, answer_form
from acr_relocate.core.errors import NotRelocated, RelocationError
from acr_relocate.core.report.report import Report
from acr_relocate.core.request.identity import PLAN_TAG, SOURCE_TAG, relocation_id
from flows.discard_target import discard_relocation
from flows.import_images import import_images
from flows.relocate import relocate_registry
from local_azure.launcher import Emulator, running
from tasks import source_freeze
from tasks.runs.approval import TerminalAnswer, answered_at_terminal
from tasks.runs.events import Event, observing
from tests.contract.registry_factory import Pusher
from tests.service.conftest import LEAST, Move, keep_passwords_in_vault, make_move
from tests.service.deleting import preceded_by
from tests.service.test_cut_over import NORTH_NETWORK, SOURCE, WEST_NETWORK
from tests.service.test_steps import Lightning, breaking, struck

LOCK = f"{SOURCE}/providers/Microsoft.Authorization/locks/keep"
SWITCHED = "/providers/Microsoft.ContainerService/managedClusters/contoso-aks"
"""Switched to the target and back: a PUT each, which moves the time of the last change and nothing else."""


@pytest.fixture(scope="module", name="field")
def _field(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Emulator, Path]]:
    """An Azure of their own, with a registry that is locked, and its state in a file."""
    with running("demo") as emulator:
        emulator.plant(LOCK, properties={"level": "CanNotDelete", "notes": "CHG-7"})
        file = tmp_path_factory.mktemp("discard") / "state.json"
        emulator.save(file)
        yield emulator, file


@pytest.fixture(name="move")
def _move(field: tuple[Emulator, Path], monkeypatch: pytest.MonkeyPatch) -> Move:
    """A relocation with everything that depends on the registry, from the same start."""
    emulator, file = field
    for name, value in emulator.env.items():
        monkeypatch.setenv(name, value)
    emulator.load(file)
    subnets = {f"{WEST_NETWORK}/{name}": f"{NORTH_NETWORK}/{name}" for name in ("apps", "endpoints")}
    return make_move(emulator, LEAST, subnets=subnets)


@pytest.fixture(name="dump")
def _dump(move: Move, tmp_path: Path) -> Callable[[], str]:
    """All that Azure holds: resources with what they hide, principals, content."""

    def dump() -> str:
        move.emulator.save(tmp_path / "now.json")
        held = json.loads((tmp_path / "now.json").read_text())
        held["resources"].sort(key=lambda one: str(one["id"]))
        for resource in held["resources"]:
            resource["hidden"].pop("counts", None)  # of pulls and pushes: to read a registry is to pull
            if resource["id"].endswith(SWITCHED):
                del resource["changed"]
        return json.dumps(held, indent=1, sort_keys=True)

    return dump


async def question(move: Move) -> ApprovalSubject:
    """Return the question."""
    events: list[Event] = []
    with observing(events.append), pytest.raises(CancelledRun):
        await discard_relocation(move.request)
    return next(event.subject for event in events if isinstance(event, ApprovalNeeded))


async def discard(move: Move) -> Report:
    """Asked, approved and done."""
    subject = await question(move)
    fields = {"decision": Decision.APPROVE, "name": "Ann Approver", "typed": move.request.target.name}
    answer = answer_form(subject).model_validate(fields)
    with answered_at_terminal(
        [TerminalAnswer(digest=subject.digest, answer=answer, at=datetime.now(UTC), subject=subject)]
    ):
        report = await discard_relocation(move.request)
    assert isinstance(report, Report)
    return report


STEPS: list[tuple[Any, str, bool]] = [
    (deployments, "deploy", True),
    (registries, "import_image", True),
    (cut_over, "apply_action", True),
]
"""Some; tests/thorough/test_each_step.py has each write."""


@pytest.mark.thorough
@pytest.mark.parametrize(("where", "name", "after"), STEPS, ids=lambda value: getattr(value, "__name__", str(value)))
async def test_discarding_after_a_failure_leaves_everything_as_it_was(
    where: Any, name: str, after: bool, move: Move, dump: Callable[[], str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whichever step failed, and before or after it did something: source, surroundings and the rest are as before."""
    before = dump()
    monkeypatch.setattr(where, name, breaking(getattr(where, name), after=after))
    with pytest.raises(RelocationError):
        await relocate_registry(move.request)

    report = await discard(move)

    assert dump() == before
    assert (report.verdict, report.failures) == ("discarded", ())


@pytest.mark.thorough
async def test_discarding_a_whole_relocation_that_failed_half_way_and_was_begun_again(
    move: Move, dump: Callable[[], str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """All of it was there, renamed, cut over and locked; the first try is struck, the second completes."""
    move.request = move.request.model_copy(update={"rename": {"legacy/**": "archive/**"}})
    before = dump()
    report = await relocate_registry(move.request)
    assert report.verdict == "relocated"
    emulator, target = move.emulator, move.request.target
    monkeypatch.setattr(discarding, "remove", breaking(discarding.remove, after=True))
    subject = await question(move)
    with pytest.raises(Lightning):
        await discard(move)

    again = await discard(move)
    nothing = await discard_relocation(move.request)

    assert dump() == before
    assert again.verdict == nothing.verdict == "discarded"
    assert f"registry {target.name}" in subject.question
    assert emulator.content("contosoregistry")


async def test_a_copied_tag_makes_nothing_ours(move: Move, dump: Callable[[], str]) -> None:
    """A policy copies the plan's tag from the group to what others have there: it stays, with the command for it."""
    await relocate_registry(move.request)
    group = move.request.target_id.partition("/providers/")[0]
    interface = {"id": f"{group}/providers/Microsoft.Network/networkInterfaces/theirs"}
    theirs = {
        f"{group}/providers/Microsoft.Insights/metricAlerts/theirs": {"scopes": [group]},
        f"{group}/providers/Microsoft.Network/privateEndpoints/theirs": {"networkInterfaces": [interface]},
        f"{group}/providers/Microsoft.EventGrid/systemTopics/theirs": {"source": group},
    }
    for path, properties in theirs.items():
        tags = {PLAN_TAG: relocation_id(move.request), SOURCE_TAG: SOURCE}
        move.emulator.plant(path, location="northeurope", tags=tags, properties=properties)

    report = await discard(move)

    left = {one["id"] for one in move.emulator.resources()}
    assert set(theirs) <= left
    assert {f"az resource delete --ids {path}" for path in theirs} <= {entry.how for entry in report.left_to_people}
    assert move.request.target_id not in left


async def test_what_is_pushed_between_the_question_and_the_removal_stays(
    move: Move, dump: Callable[[], str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing is removed while the target holds something else than was approved, and it can be pushed to again."""
    await relocate_registry(move.request)
    server = f"{move.request.target.name}.azurecr.io"

    async def push() -> None:
        async with connection() as azure:
            await Pusher(azure.data_plane(server)).image("legacy/monolith", "hotfix", text="late")

    looking = preceded_by(push, tasks.registry_rest.look_for_new_repositories)
    monkeypatch.setattr(tasks.registry_rest, "look_for_new_repositories", looking)

    with pytest.raises(NotRelocated, match="has changed since the approval, so nothing was removed"):
        await discard(move)

    held = move.emulator.content(move.request.target.name)["repositories"]
    assert "hotfix" in held["legacy/monolith"]["tags"]
    await push()


async def test_what_a_killed_last_pass_has_locked_is_given_back(
    move: Move, dump: Callable[[], str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """No pass follows a rollback: the source would stay locked for good."""
    before = dump()
    await relocate_registry(move.request)
    with monkeypatch.context() as patch:
        patch.setattr(source_freeze, "unlock_source", struck)
        with pytest.raises(Lightning):
            await import_images(move.request, freeze=True)

    await discard(move)

    assert dump() == before


async def test_the_password_that_stays_in_a_key_vault_is_named(move: Move) -> None:
    """A vault keeps a deleted secret and its name: a person decides about it, with the command."""
    keep_passwords_in_vault(move)
    await relocate_registry(move.request)

    report = await discard(move)
    again = await discard_relocation(move.request)

    named = f"az keyvault secret delete --vault-name contosovault --name {move.request.target.name}-token-edge-site-1"
    assert named in {entry.how for entry in report.left_to_people}
    assert isinstance(again, Report)
    assert named in {entry.how for entry in again.left_to_people}
