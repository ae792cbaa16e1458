"""Delete a source in a test: the question, its answers, and other people amidst it."""

import json
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from prefect.exceptions import CancelledRun

from acr_relocate.azure.client.session import connection
from acr_relocate.core.approval.decision import ApprovalNeeded, ApprovalSubject, Decision, answer_form
from acr_relocate.core.errors import NotApproved
from flows.delete_source import delete_source
from local_azure.launcher import Emulator
from local_azure.seeds.surroundings import LOGS_ID
from tasks.runs.approval import TerminalAnswer, answered_at_terminal
from tasks.runs.events import Event, observing
from tests.contract.registry_factory import Pusher
from tests.service.conftest import SUBSCRIPTION, Move

SOURCE = (
    f"/subscriptions/{SUBSCRIPTION}/resourceGroups/contoso-west"
    "/providers/Microsoft.ContainerRegistry/registries/contosoregistry"
)
WEST = (
    f"/subscriptions/{SUBSCRIPTION}/resourceGroups/contoso-west"
    "/providers/Microsoft.Network/virtualNetworks/contoso-vnet/subnets"
)
NORTH = WEST.replace("contoso-west", "contoso-network-north").replace("contoso-vnet", "contoso-vnet-north")
OLD = "contosoregistry.azurecr.io"
EVENTS = "ContainerRegistryRepositoryEvents"


def leave(emulator: Emulator, target_id: str) -> None:
    """Point every user at the new login server; clusters run new images; the logs show no pull."""
    target = target_id.rpartition("/")[2]
    for one in emulator.resources():
        text = json.dumps(one.get("properties"))
        if OLD in text and not one["id"].startswith(SOURCE) and "Microsoft.Network" not in one["id"]:
            emulator.plant(one["id"], properties=json.loads(text.replace(OLD, f"{target}.azurecr.io")))
    [workspace] = emulator.resources("Microsoft.MachineLearningServices/workspaces")
    emulator.plant(workspace["id"], properties={"containerRegistry": target_id})
    emulator.log(LOGS_ID, "ContainerInventory")
    emulator.log(LOGS_ID, EVENTS, event("Push", days=60))


def event(operation: str, *, days: int, identity: str = "someone") -> dict[str, Any]:
    at = (datetime.now(UTC) - timedelta(days=days)).isoformat()
    names = {"OperationName": operation, "Identity": identity, "Repository": "legacy/monolith"}
    return {"TimeGenerated": at, "_ResourceId": SOURCE.lower(), **names}


def state(emulator: Emulator) -> dict[str, Any]:
    """Return Azure's view, without who wrote it when, and without null values."""
    stamps = {"createdOn", "updatedOn", "createdBy", "updatedBy"}
    return {
        one["id"]: {**one, "properties": _said(one.get("properties") or {}, stamps)} for one in emulator.resources()
    }


def _said(properties: dict[str, Any], left_out: set[str]) -> dict[str, Any]:
    return {name: value for name, value in properties.items() if value is not None and name not in left_out}


async def asked(move: Move) -> ApprovalSubject:
    """Return the question."""
    events: list[Event] = []
    with observing(events.append), pytest.raises(CancelledRun):
        await delete_source(move.request)
    return next(event.subject for event in events if isinstance(event, ApprovalNeeded))


def yes(subject: ApprovalSubject, typed: str = "contosoregistry", digest: str = "") -> TerminalAnswer:
    fields = {"decision": Decision.APPROVE, "name": "Ann Approver"} | ({"typed": typed} if subject.typed else {})
    answer = answer_form(subject).model_validate(fields)
    return TerminalAnswer(digest=digest or subject.digest, answer=answer, at=datetime.now(UTC), subject=subject)


async def refused(move: Move, given: TerminalAnswer) -> NotApproved:
    """Why an answer was no approval; nothing was written."""
    events: list[Event] = []
    with observing(events.append), answered_at_terminal([given]), pytest.raises(CancelledRun):
        await delete_source(move.request)
    assert move.emulator.stats()["writes"] == []
    return next(event for event in events if isinstance(event, NotApproved))


Act = Callable[[], Awaitable[object]]


def push(repository: str, *tags: str, text: str = "late") -> Act:
    """Somebody pushes an image to the source, without a tag if none is given."""

    async def act() -> None:
        async with connection() as azure:
            await Pusher(azure.data_plane(OLD)).image(repository, *tags, text=text)

    return act


def preceded_by(act: Act, step: Any) -> Any:
    """The step, but something happens right before it, the first time."""
    done = False

    async def first(*arguments: Any, **options: Any) -> Any:
        nonlocal done
        if not done:
            done = True
            await act()
        return await step(*arguments, **options)

    return first
