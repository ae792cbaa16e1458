"""The source is deleted when everything speaks for it and a person typed its name, and by no other path."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from prefect.exceptions import ParameterBindError

import tasks.registry_rest
import tasks.source_deletion
import tasks.source_freeze
from acr_relocate.azure.changes import source_deletion
from acr_relocate.azure.client.session import connection
from acr_relocate.core.access.required_actions import RIGHTS_NEEDED, granted_by
from acr_relocate.core.access.roles import LOG_DESTINATIONS
from acr_relocate.core.approval.decision import ApprovalForm, ApprovalNeeded, ApprovalSubject, Decision
from acr_relocate.core.errors import NotRelocated, RelocationError
from acr_relocate.core.report.report import Report
from acr_relocate.core.request.registry_refs import RegistryRef
from flows.delete_source import delete_source
from flows.plan import plan_relocation
from flows.relocate import relocate_registry
from local_azure.launcher import running
from local_azure.seeds.surroundings import LOGS_ID
from tasks.runs.approval import TerminalAnswer, answered_at_terminal
from tasks.runs.events import Event, PhaseStarted, observing
from tasks.source_deletion import check_copy_again, delete_registry
from tests.service.conftest import LEAST, SUBSCRIPTION, Move, make_move
from tests.service.deleting import (
    EVENTS,
    NORTH,
    OLD,
    SOURCE,
    WEST,
    Act,
    asked,
    event,
    leave,
    preceded_by,
    push,
    refused,
    state,
    yes,
)
from tests.service.test_last_pass import reported
from tests.service.test_steps import Lightning, struck
from tests.support.role_holders import OPERATOR, become, hire

NOT_UNDONE = "deletion_not_undone"
LOCK = f"{SOURCE}/providers/Microsoft.Authorization/locks/keep"


@dataclass
class Story:
    """Provide a finished relocation: the source is unused, its logs have been silent for a month."""

    move: Move
    file: Path
    question: ApprovalSubject | None = None

    async def begin(self) -> None:
        """The same for every test; what a person is asked is asked once."""
        if self.question is None:
            emulator, request = self.move.emulator, self.move.request
            emulator.plant(LOCK, properties={"level": "CanNotDelete", "notes": "CHG-7"})
            await relocate_registry(request)
            leave(emulator, request.target_id)
            emulator.save(self.file)
            self.question = await asked(self.move)
        self.move.emulator.load(self.file)
        self.move.emulator.reset_stats()


@pytest.fixture(scope="module", name="story")
def _story(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Story]:
    with running("demo") as emulator:
        subnets = {f"{WEST}/{name}": f"{NORTH}/{name}" for name in ("apps", "endpoints")}
        yield Story(make_move(emulator, LEAST, subnets=subnets), tmp_path_factory.mktemp("retired") / "state.json")


@pytest.fixture(name="move")
async def _move(story: Story, monkeypatch: pytest.MonkeyPatch) -> Move:
    for name, value in story.move.emulator.env.items():
        monkeypatch.setenv(name, value)
    await story.begin()
    return story.move


@pytest.fixture(name="question")
async def _question(story: Story, move: Move) -> ApprovalSubject:
    """Return the question while all is as it should be."""
    del move
    assert story.question is not None
    return story.question


async def test_it_deletes_that_registry_and_nothing_else(move: Move, question: ApprovalSubject) -> None:
    """Lock, roles and diagnostic setting go with it; all else is as it was. Again there is nothing to do or to ask."""
    before = state(move.emulator)

    with answered_at_terminal([yes(question)]):
        report = await delete_source(move.request)
    again = await delete_source(move.request)

    after = state(move.emulator)
    assert isinstance(report, Report)
    assert isinstance(again, Report)
    assert (report.verdict, report.approvals[0].by) == ("deleted", "Ann Approver")
    assert after == {path: one for path, one in before.items() if not path.lower().startswith(SOURCE.lower())}
    assert "private endpoint contoso-acr-pe" in {entry.what for entry in report.left_to_people}
    assert {phase.status for phase in again.phases} == {"nothing_to_do"}
    needed = {action.lower() for action in move.emulator.stats()["needs"]}
    assert needed - {right.action.lower() for right in RIGHTS_NEEDED} == set(), "calls that no custom role allows"
    to_take = [one for one in RIGHTS_NEEDED if one.duty == "retire" and not one.call.startswith("give ")]
    assert {one.action.lower() for one in to_take if "/write" not in one.action} <= needed


async def test_the_custom_roles_are_enough_and_without_the_last_nobody_is_asked(
    move: Move, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An operator who may only plan gets the whole list before any change; so does one who may not see the logs."""
    async with connection() as azure:
        await hire(azure, "plan", f"/subscriptions/{SUBSCRIPTION}")
    become(OPERATOR, monkeypatch)
    move.emulator.reset_stats()
    with pytest.raises(NotRelocated) as missing:
        await delete_source(move.request)
    written = move.emulator.stats()["writes"]
    become(move.emulator.env, monkeypatch)
    async with connection() as azure:
        await hire(azure, "retire", SOURCE.partition("/providers/")[0], LOGS_ID)
    become(OPERATOR, monkeypatch)

    with answered_at_terminal([yes(await asked(move))]):
        report = await delete_source(move.request)

    assert isinstance(report, Report)
    assert (written, report.verdict) == ([], "deleted")
    keys = LOG_DESTINATIONS["workspaceId"].keys
    # Asked for elsewhere: at the workspace and the like, and at the group.
    beside = ("/query", "/deployments/", *(one.keys for one in LOG_DESTINATIONS.values()))
    lacked = [right for right in granted_by("retire") if not any(part in right for part in beside)]
    assert f"lacks {', '.join(lacked)} at {SOURCE}." in str(missing.value)
    assert f"lacks {keys} at {LOGS_ID}." in str(missing.value)


async def test_a_relocation_that_ended_with_the_deletion_is_finished(move: Move, question: ApprovalSubject) -> None:
    """Run again it says so, and changes nothing, also for who knows the source by its name alone."""
    by_name = move.request.model_copy(update={"source": RegistryRef(name=move.request.source.name)})
    with answered_at_terminal([yes(question)]):
        await delete_source(move.request)
    move.emulator.reset_stats()

    again = [await relocate_registry(request) for request in (move.request, by_name)]

    assert [report.verdict for report in again] == ["deleted", "deleted"]
    assert {phase.status for report in again for phase in report.phases} == {"nothing_to_do"}
    assert "was deleted on" in again[0].phases[0].summary
    assert move.emulator.stats()["writes"] == []


async def test_the_question_says_what_goes_and_what_nobody_knows(move: Move, question: ApprovalSubject) -> None:
    """The question names content lost because it was not selected, the locks lifted, and a log that begins too late."""
    move.emulator.log(LOGS_ID, EVENTS, event("Untag", days=3))

    late = await asked(move)

    assert question.typed == "contosoregistry"
    for said in (
        "for good",
        "Lost, because the target does not have it: artifacts/terraform",
        "take the role AcrPull",
        "(HEAD), and has all of them. The blobs of 5 manifests were read to the last byte",
    ):
        assert said in question.question
    assert "whether anybody pulled" not in question.question
    assert "whether anybody pulled in the last 14 days (its log in contoso-logs begins at" in late.question


async def test_what_was_taken_is_given_back_if_it_does_not_go(
    move: Move, question: ApprovalSubject, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A repository is pushed in the last moment: it is seen; lock, roles, setting and content are as they were."""
    before, held = state(move.emulator), move.emulator.content("contosoregistry")
    monkeypatch.setattr(tasks.source_deletion, "delete_registry", preceded_by(push("brand/new"), delete_registry))

    told = "brand/new was pushed to .* Its removed settings were restored: .*keep"
    with answered_at_terminal([yes(question)]), pytest.raises(NotRelocated, match=told):
        await delete_source(move.request)

    assert len(move.emulator.stats()["writes"]) > 0
    assert state(move.emulator) == before
    del (left := move.emulator.content("contosoregistry"))["repositories"]["brand/new"]
    assert left == held


async def test_what_a_killed_deletion_has_taken_the_next_run_gives_back(
    move: Move, question: ApprovalSubject, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The record is in Azure: plan and verify name it; run again, it asks the same, and the source misses nothing."""
    before = state(move.emulator)
    with monkeypatch.context() as patch:
        patch.setattr(source_deletion, "require_no_new_repository", struck)
        patch.setattr(tasks.source_deletion, "restore_detached", struck)
        with answered_at_terminal([yes(question)]), pytest.raises(Lightning):
            await delete_source(move.request)
    left = state(move.emulator)

    planned = [finding for finding in (await plan_relocation(move.request)).findings if finding.code == NOT_UNDONE]
    verified, _ = await reported(move.request)
    again = await asked(move)

    assert LOCK not in left
    assert [finding.resource for finding in planned] == [SOURCE]
    assert "acr-relocate thaw REQUEST" in planned[0].remedy
    assert NOT_UNDONE in verified
    assert state(move.emulator) == before
    assert again.digest == question.digest


async def test_a_target_that_goes_in_the_last_moment_keeps_the_source(move: Move, question: ApprovalSubject) -> None:
    """Everything was approved; then somebody deletes what all of it has moved to."""
    before = state(move.emulator)

    def delete_target(event: Event) -> None:
        if event == PhaseStarted("delete"):
            move.emulator.uproot(move.request.target_id)

    with observing(delete_target), answered_at_terminal([yes(question)]), pytest.raises(RelocationError):
        await delete_source(move.request)

    after = state(move.emulator)
    assert {path: one for path, one in before.items() if path.startswith(SOURCE)}.items() <= after.items()


LATE: dict[str, Act] = {
    "another tag": push("team-b/archive", "late"),
    "a tag that moves": push("legacy/monolith", "v1"),
    "an image without a tag": push("legacy/monolith"),
    "a repository that was not there": push("brand/new", "v1"),
}


@pytest.mark.parametrize("late", LATE)
async def test_what_is_pushed_between_the_question_and_the_deletion_keeps_the_source(
    late: str, move: Move, question: ApprovalSubject, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Everything was approved and verified; the push is seen at rest, before anything is taken from the source."""
    before = state(move.emulator)
    looking = preceded_by(LATE[late], tasks.registry_rest.look_for_new_repositories)
    monkeypatch.setattr(tasks.registry_rest, "look_for_new_repositories", looking)

    with answered_at_terminal([yes(question)]), pytest.raises(NotRelocated, match="changed since the deletion"):
        await delete_source(move.request)

    assert state(move.emulator) == before
    assert not [one for one in move.emulator.stats()["writes"] if one.startswith("DELETE") and "deployments" not in one]
    locked = [one["attributes"] for one in move.emulator.content("contosoregistry")["repositories"].values()]
    assert all(attributes["writeEnabled"] for attributes in locked)


async def test_nobody_can_push_while_it_is_looked_for_the_last_time(
    move: Move, question: ApprovalSubject, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every repository is locked by then, also one that was not there when the locking began."""
    refused: list[str] = []

    async def attempts() -> None:
        for repository in ("legacy/monolith", "base/nginx", "brand/new"):
            with pytest.raises(AssertionError, match="REGISTRY_DISALLOWED_OPERATION"):  # the push says its answer
                await push(repository, "late")()
            refused.append(repository)

    new = preceded_by(push("brand/new", "v1"), tasks.source_freeze.lock_source)
    monkeypatch.setattr(tasks.source_freeze, "lock_source", new)
    monkeypatch.setattr(tasks.source_deletion, "check_copy_again", preceded_by(attempts, check_copy_again))

    with answered_at_terminal([yes(question)]), pytest.raises(NotRelocated, match="changed since the deletion"):
        await delete_source(move.request)

    assert refused == ["legacy/monolith", "base/nginx", "brand/new"]


@pytest.mark.parametrize("part", ["config", "layer"])
@pytest.mark.parametrize("when", ["before the question", "after it"])
async def test_a_blob_that_the_target_lacks_keeps_the_source(
    part: str, when: str, move: Move, question: ApprovalSubject, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whichever manifest it is of: the target is asked for each, not for those of a sample only."""
    before = state(move.emulator)
    async with connection() as azure:
        plane = azure.data_plane(f"{move.request.target.name}.azurecr.io")
        bodies = [await plane.manifest("legacy/monolith", tag["name"]) async for tag in plane.tags("legacy/monolith")]
    manifest = next(body for body in bodies if body and "config" in body)
    lost = manifest["config"]["digest"] if part == "config" else manifest["layers"][-1]["digest"]

    async def lose() -> None:
        move.emulator.lose(move.request.target.name, "legacy/monolith", lost)

    if when == "before the question":
        await lose()
    else:
        monkeypatch.setattr(tasks.source_deletion, "check_copy_again", preceded_by(lose, check_copy_again))

    with answered_at_terminal([yes(question)]), pytest.raises(NotRelocated, match="lacks 1 part"):
        await delete_source(move.request)

    assert state(move.emulator) == before


async def test_pushes_in_the_soak_period_are_uses(move: Move) -> None:
    """By the logs, with who pushed; and by the registry's own dates, also where no log says it."""
    move.emulator.log(LOGS_ID, EVENTS, event("Push", days=60), event("Push", days=3, identity="old-pipeline"))
    with pytest.raises(NotRelocated, match="pushed_lately: old-pipeline pushed to legacy/monolith in the last 14 days"):
        await delete_source(move.request)

    move.emulator.log(LOGS_ID, EVENTS, event("Push", days=60))
    await push("team-b/archive", "now")()
    with pytest.raises(NotRelocated, match="pushed_lately: team-b/archive:now"):
        await delete_source(move.request)


class TestNoOtherPath:
    async def test_an_approval_of_something_else(self, move: Move, question: ApprovalSubject) -> None:
        """The digest of another question, such as the plan's, is no approval of this one."""
        assert isinstance(await refused(move, yes(question, digest="0123456789abcdef")), ApprovalNeeded)

    async def test_another_name_typed(self, move: Move, question: ApprovalSubject) -> None:
        """Nearly is not enough."""
        assert (await refused(move, yes(question, typed="contosoregistry2"))).code == "NameNotTyped"

    async def test_an_answer_without_the_name(self, move: Move, question: ApprovalSubject) -> None:
        """As it is given in advance, by a script: with nothing typed."""
        answer = ApprovalForm(decision=Decision.APPROVE, name="a script")
        error = await refused(move, TerminalAnswer(digest=question.digest, answer=answer, at=datetime.now(UTC)))

        assert error.code == "NameNotTyped"

    async def test_a_source_that_has_changed_since(self, move: Move, question: ApprovalSubject) -> None:
        """A tag is deleted where nothing was selected: what would be lost is not what was approved."""
        async with connection() as azure:
            plane = azure.data_plane(OLD)
            await plane.delete("base/nginx", (await anext(plane.tags("base/nginx")))["name"])
        move.emulator.reset_stats()

        assert "source: content is" in str(await refused(move, yes(question)))

    async def test_a_verification_that_was_clean_once(self, move: Move, question: ApprovalSubject) -> None:
        """It is repeated with every run: a later difference blocks, approved or not."""
        move.emulator.plant(move.request.target_id, properties={"adminUserEnabled": True})

        with answered_at_terminal([yes(question)]), pytest.raises(NotRelocated, match="not_verified: 1 difference"):
            await delete_source(move.request)

        assert move.emulator.stats()["writes"] == []

    async def test_a_request_for_no_approval_and_parameters_that_approve(self, move: Move) -> None:
        """The question is asked for every request; no parameter can preset an answer."""
        assert await asked(Move(move.emulator, move.request.model_copy(update={"approvals": []})))

        preset: Any = {"request": move.request, "decision": "approve", "typed": "contosoregistry"}
        with pytest.raises(ParameterBindError, match="typed"):
            await delete_source(**preset)
        assert set(delete_source.parameters.properties) == {"request"}


async def test_who_pulled_lately_is_in_the_way(move: Move, question: ApprovalSubject) -> None:
    """Named with what was pulled, approved or not; a scanner that the request names does not count."""
    move.emulator.log(LOGS_ID, EVENTS, event("Push", days=60), event("Pull", days=3, identity="old-pipeline"))

    with (
        answered_at_terminal([yes(question)]),
        pytest.raises(NotRelocated, match="old-pipeline pulled legacy/monolith in the"),
    ):
        await delete_source(move.request)
    scanner = move.request.model_copy(update={"not_consumers": ["old-pipeline"]})

    subject = await asked(Move(move.emulator, scanner))
    assert "Pulls and pushes by old-pipeline do not count." in subject.question
    assert subject.digest != question.digest, "who approved without it has not approved this"


async def test_a_name_in_the_request_is_a_name_and_no_query(move: Move, question: ApprovalSubject) -> None:
    """The name of a scanner in a request cannot silence the logs."""
    move.emulator.log(LOGS_ID, EVENTS, event("Push", days=60), event("Pull", days=3, identity="old-pipeline"))
    clever = move.request.model_copy(update={"not_consumers": ["x') | where Identity in~ ('someone"]})

    with (
        answered_at_terminal([yes(question)]),
        pytest.raises(NotRelocated, match="old-pipeline pulled legacy/monolith in the"),
    ):
        await delete_source(clever)
