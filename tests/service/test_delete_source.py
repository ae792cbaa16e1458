"""The source is deleted when everything speaks for it and a person typed its name, and by no other path."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from prefect.exceptions import CancelledRun

from acr_relocate.azure import retirement
from acr_relocate.core.approval import Answer, ApprovalNeeded, Decision, Subject, answer_form
from acr_relocate.core.errors import NotApproved, NotRelocated
from acr_relocate.core.plan_id import PLAN_TAG
from acr_relocate.core.report import Report
from flows.delete_source import delete_source
from flows.relocate import relocate_registry
from local_azure.launcher import Emulator, running
from local_azure.seeds.surroundings import CLUSTER_ID, LOGS_ID
from tasks.approval import Given, answering
from tasks.observers import Event, observing
from tests.service.conftest import LEAST, SUBSCRIPTION, Move, make_move

SOURCE = (
    f"/subscriptions/{SUBSCRIPTION}/resourceGroups/contoso-west"
    "/providers/Microsoft.ContainerRegistry/registries/contosoregistry"
)
OLD = "contosoregistry.azurecr.io"
EVENTS = "ContainerRegistryRepositoryEvents"
LOCK = f"{SOURCE}/providers/Microsoft.Authorization/locks/keep"


@pytest.fixture(scope="module", name="retired")
def _retired(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Move, Path]]:
    """A relocation that is through: nobody uses the source any more, its logs have been silent for a month."""
    with running("demo") as emulator:
        yield make_move(emulator, LEAST), tmp_path_factory.mktemp("retired") / "state.json"


@pytest.fixture(name="move")
async def _move(retired: tuple[Move, Path], monkeypatch: pytest.MonkeyPatch) -> Move:
    """The same for every test."""
    move, state = retired
    for name, value in move.emulator.env.items():
        monkeypatch.setenv(name, value)
    if not state.exists():
        await relocate_registry(move.request)
        leave(move.emulator, move.request.target.name)
        move.emulator.save(state)
    move.emulator.load(state)
    move.emulator.reset_stats()
    return move


def leave(emulator: Emulator, target: str) -> None:
    """Whoever names the old login server names the new one; clusters run new images; the logs show no pull."""
    for one in emulator.resources():
        text = json.dumps(one.get("properties"))
        if OLD in text and not one["id"].startswith(SOURCE):
            emulator.plant(one["id"], properties=json.loads(text.replace(OLD, f"{target}.azurecr.io")))
    emulator.log(LOGS_ID, "ContainerInventory")
    emulator.log(LOGS_ID, EVENTS, event("Push", days=60))


def event(operation: str, *, days: int, identity: str = "someone") -> dict[str, Any]:
    at = (datetime.now(UTC) - timedelta(days=days)).isoformat()
    names = {"OperationName": operation, "Identity": identity, "Repository": "legacy/monolith"}
    return {"TimeGenerated": at, "_ResourceId": SOURCE.lower(), **names}


def is_there(emulator: Emulator, path: str = SOURCE) -> bool:
    return any(one["id"].lower() == path.lower() for one in emulator.resources())


async def asked(move: Move) -> Subject:
    """What a person is asked."""
    events: list[Event] = []
    with observing(events.append), pytest.raises(CancelledRun):
        await delete_source(move.request)
    return next(event.subject for event in events if isinstance(event, ApprovalNeeded))


def yes(subject: Subject, typed: str = "contosoregistry", digest: str = "") -> Given:
    fields = {"decision": Decision.APPROVE, "name": "Ann Approver", "typed": typed}
    answer = answer_form(subject).model_validate(fields)
    return Given(digest=digest or subject.digest, answer=answer, at=datetime.now(UTC), subject=subject)


async def refused(move: Move, given: Given) -> NotApproved:
    """Why an answer was no approval; the registry is there."""
    events: list[Event] = []
    with observing(events.append), answering([given]), pytest.raises(CancelledRun):
        await delete_source(move.request)
    assert is_there(move.emulator)
    return next(event for event in events if isinstance(event, NotApproved))


class TestDeletion:
    async def test_it_deletes_that_registry_and_nothing_else(self, move: Move) -> None:
        """Its lock, roles and diagnostic setting go first, then it goes with its children; all else is as it was."""
        move.emulator.plant(LOCK, properties={"level": "CanNotDelete", "notes": "CHG-7"})
        before = {one["id"]: one for one in move.emulator.resources()}
        subject = await asked(move)

        with answering([yes(subject)]):
            report = await delete_source(move.request)

        after = {one["id"]: one for one in move.emulator.resources()}
        gone = before.keys() - after.keys()
        assert isinstance(report, Report)
        assert (report.verdict, report.approvals[0].by) == ("deleted", "Ann Approver")
        assert {one for one in gone if not one.lower().startswith(SOURCE.lower())} == set()
        assert SOURCE in gone
        assert {one: after[one] for one in after} == {one: before[one] for one in after}
        assert "contoso-acr-pe" in " ".join(entry.what for entry in report.left_to_people)

    async def test_the_question_says_what_goes_and_what_nobody_knows(self, move: Move) -> None:
        """What is lost because it was not selected, what is lifted, and that pulls are not known without logs."""
        move.emulator.log(LOGS_ID, EVENTS, event("Push", days=3))

        subject = await asked(move)

        assert subject.typed == "contosoregistry"
        for said in (
            "for good",
            "Lost, because the target does not have it: artifacts/terraform",
            "take the role AcrPull",
        ):
            assert said in subject.question
        assert "whether anybody pulled in the last 14 days (its log in contoso-logs begins at" in subject.question

    async def test_again_there_is_nothing_to_do(self, move: Move) -> None:
        """A source that is gone needs no approval."""
        with answering([yes(await asked(move))]):
            await delete_source(move.request)

        report = await delete_source(move.request)

        assert {phase.status for phase in report.phases} == {"nothing_to_do"}

    async def test_what_was_taken_is_given_back_if_it_does_not_go(
        self, move: Move, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """The last look finds a push: lock, roles and diagnostic setting are as they were."""
        move.emulator.plant(LOCK, properties={"level": "CanNotDelete", "notes": "CHG-7"})
        before = state(move.emulator)
        subject = await asked(move)
        monkeypatch.setattr(retirement, "content_fingerprint", lambda _: "another")

        with answering([yes(subject)]), pytest.raises(NotRelocated, match="changed since its deletion was approved"):
            await delete_source(move.request)

        assert state(move.emulator) == before


def state(emulator: Emulator) -> dict[str, Any]:
    """What Azure shows, without who wrote it when."""
    stamps = {"createdOn", "updatedOn", "createdBy", "updatedBy"}
    return {
        one["id"]: {**one, "properties": {k: v for k, v in (one.get("properties") or {}).items() if k not in stamps}}
        for one in emulator.resources()
    }


def push_a_role_away(emulator: Emulator) -> None:
    """Something about the source is changed after the question."""
    emulator.plant(SOURCE, properties={"adminUserEnabled": True})


class TestNoOtherPath:
    async def test_an_approval_of_something_else(self, move: Move) -> None:
        """The digest of another question, such as the plan's, is no approval of this one."""
        subject = await asked(move)

        assert isinstance(await refused(move, yes(subject, digest="0123456789abcdef")), ApprovalNeeded)

    @pytest.mark.parametrize("typed", ["", "contosoregistry2", "CONTOSOREGISTRY", " contosoregistry"])
    async def test_another_name_typed(self, move: Move, typed: str) -> None:
        """Nearly is not enough."""
        error = await refused(move, yes(await asked(move), typed))

        assert error.code == "NameNotTyped"

    async def test_an_answer_without_the_name(self, move: Move) -> None:
        """As `--approve DIGEST` gives it: in advance, with nothing typed."""
        subject = await asked(move)
        answer = Answer(decision=Decision.APPROVE, name="a script")

        error = await refused(move, Given(digest=subject.digest, answer=answer, at=datetime.now(UTC)))

        assert error.code == "NameNotTyped"

    async def test_a_source_that_has_changed_since(self, move: Move) -> None:
        """What was approved is not what there is: another policy, another lock."""
        subject = await asked(move)
        move.emulator.plant(LOCK, properties={"level": "CanNotDelete", "notes": ""})

        error = await refused(move, yes(subject))

        assert "taken from the source: keep is new" in str(error)

    async def test_a_verification_that_was_clean_once(self, move: Move) -> None:
        """It is made anew with every run: a difference since then is in the way, approved or not."""
        subject = await asked(move)
        move.emulator.plant(move.request.target_id, properties={"adminUserEnabled": True})

        with answering([yes(subject)]), pytest.raises(NotRelocated, match="not_verified"):
            await delete_source(move.request)

        assert is_there(move.emulator)

    async def test_a_forged_plan_id(self, move: Move) -> None:
        """A target with the tag of another relocation, or none, is no reason to delete this source."""
        move.emulator.plant(move.request.target_id, tags={PLAN_TAG: "0123456789ab"})

        with pytest.raises(NotRelocated, match="target_is_of_another_relocation"):
            await delete_source(move.request)

    async def test_no_approval_asked_for_in_the_request(self, move: Move) -> None:
        """A request that wants no approvals at all is asked all the same."""
        request = move.request.model_copy(update={"approvals": []})

        with pytest.raises(CancelledRun):
            await delete_source(request)

        assert is_there(move.emulator)

    async def test_parameters_that_approve(self, move: Move) -> None:
        """There is no parameter for an approval, so none can be preset by whoever calls the API."""
        preset: Any = {"request": move.request, "approved": True, "typed": "contosoregistry"}

        with pytest.raises(TypeError, match="unexpected keyword"):
            await delete_source(**preset)

        assert set(delete_source.parameters.properties) == {"request"}


class TestInTheWay:
    async def test_somebody_who_pulled(self, move: Move) -> None:
        """Named with what was pulled; a scanner that the request names does not count."""
        move.emulator.log(LOGS_ID, EVENTS, event("Push", days=60), event("Pull", days=3, identity="old-pipeline"))

        with pytest.raises(
            NotRelocated, match=r"pulled_lately: old-pipeline pulled legacy/monolith in the last 14 days"
        ):
            await delete_source(move.request)

        scanner = move.request.model_copy(update={"not_consumers": ["old-pipeline"]})
        assert await asked(Move(move.emulator, scanner))

    async def test_somebody_whose_settings_name_it(self, move: Move) -> None:
        """A container app was set back."""
        app = next(one for one in move.emulator.resources("Microsoft.App/containerApps"))
        text = json.dumps(app["properties"]).replace(f"{move.request.target.name}.azurecr.io", OLD)
        move.emulator.plant(app["id"], properties=json.loads(text))

        with pytest.raises(NotRelocated, match="consumer_still_bound: Container App contoso-storefront"):
            await delete_source(move.request)

    async def test_a_cluster_that_runs_its_images(self, move: Move) -> None:
        """Its logs say so, though its settings do not."""
        row = {"TimeGenerated": datetime.now(UTC).isoformat(), "_ResourceId": CLUSTER_ID.lower(), "Repository": OLD}
        move.emulator.log(LOGS_ID, "ContainerInventory", row | {"Image": "legacy/monolith", "ImageTag": "v1"})

        with pytest.raises(NotRelocated, match="consumer_still_bound: AKS cluster contoso-aks"):
            await delete_source(move.request)

    async def test_a_lock_of_somebody_else(self, move: Move) -> None:
        """One on the resource group protects more than the registry: it is not lifted."""
        group = SOURCE.partition("/providers/")[0]
        lock = f"{group}/providers/Microsoft.Authorization/locks/all"
        move.emulator.plant(lock, properties={"level": "CanNotDelete", "notes": ""})

        with pytest.raises(NotRelocated, match="locked_from_above"):
            await delete_source(move.request)
