"""Automations of the Prefect server: recover lost runs, send notifications, start a relocation on an event.

They are identified by their names: applying them again updates only these.
"""

from datetime import timedelta
from typing import Final
from uuid import UUID

from prefect import get_client
from prefect.client.orchestration import PrefectClient
from prefect.events.actions import ActionTypes, CallWebhook, RunDeployment, SendNotification
from prefect.events.schemas.automations import AutomationCore, EventTrigger, Posture
from prefect.events.schemas.events import ResourceSpecification
from prefect.exceptions import ObjectNotFound
from prefect.settings import PREFECT_UI_URL

from acr_relocate.core.errors import NotFound
from deployments.server.local_server import HEARTBEAT_SETTING
from tasks.runs.lost_runs import TAKEN
from tasks.runs.queries import FLOWS

RUN_LOST_AFTER: Final = timedelta(seconds=3 * int(HEARTBEAT_SETTING))
"""Three heartbeats: one or two may be late without their run being lost."""

RECOVERY_LOST_AFTER: Final = timedelta(minutes=10)
"""For `recover-run` itself: on a busy server a shorter time would make recoveries start recoveries."""

NAME_PREFIX: Final = "acr-relocate: "
"""How the names of our automations begin."""

REQUESTED_EVENT: Final = "acr-relocate.requested"
"""Emitted with a request as its payload, it starts a relocation."""


def _runs_of(*flows: str) -> ResourceSpecification:
    """Return a filter for runs of these flows of ours only: those of other teams may have slower heartbeats."""
    return ResourceSpecification({"prefect.resource.role": ["flow"], "prefect.resource.name": list(flows)})


RUN: Final = ResourceSpecification({"prefect.resource.id": ["prefect.flow-run.*"]})
STARTED: Final = _runs_of(*FLOWS)
RECOVER_DEPLOYMENT: Final = "recover-run/worker-recover-run"
OURS: Final = _runs_of(*FLOWS, "import-shard", "import-part")

_AWAITED: Final = {f"prefect.flow-run.{name}" for name in (*TAKEN, "Running", "heartbeat")}
"""The events after which another event must follow. A run that is taken, but not begun, sends no heartbeat."""

_CRASHED: Final = "prefect.flow-run.Crashed"
_GOING_ON: Final = {f"prefect.flow-run.{name}" for name in ("AwaitingRetry", "Completed", "Failed", "Cancelled")}
"""The events after which no recovery is missing, beside those that another event must follow."""

RETIRED: Final = (
    "acr-relocate: end lost runs",
    "acr-relocate: go on with lost batches",
    "acr-relocate: go on with crashed batches",
    "acr-relocate: continue crashed batches",
    "acr-relocate: tell that a run failed",
    "acr-relocate: tell that a run waits for approval",
    "acr-relocate: tell that a run is finished",
)
"""Automations of earlier versions. They are deleted: the first two changed runs without reading them."""

NOTIFICATIONS: Final = {
    "a run failed": {"prefect.flow-run.Failed", _CRASHED},
    "a run waits for approval": {"prefect.flow-run.Suspended"},
    "a run is finished": {"prefect.flow-run.Completed"},
}
"""The notifications, and their events at the server."""

_WORDS: Final = "{{ flow_run.name }} is {{ flow_run.state.name }}"
LINK: Final = '(((flow_run | ui_url) or "UI/runs/flow-run/" ~ flow_run.id) | replace("/runs/flow", "/v2/runs/flow"))'
"""The run in the UI of today. A server without PREFECT_UI_URL does not know its address; this registration does."""
BODY: Final = "{{ flow_run.state.message or '' }}\n{{ LINK }}\nnotification {{ event.id }}"
PAYLOAD: Final = (
    '{"run": {{ flow_run.name | tojson }}, "id": "{{ flow_run.id }}", "state": {{ flow_run.state.name | tojson }}, '
    '"notification": "{{ event.id }}", "message": {{ (flow_run.state.message or "") | tojson }}, '
    '"url": {{ LINK | tojson }}}'
)


async def apply(
    *,
    notify: str = "",
    lost_after: timedelta = RUN_LOST_AFTER,
    recovery_lost_after: timedelta = RECOVERY_LOST_AFTER,
) -> list[str]:
    """Create or update our automations at the Prefect server.

    Args:
        notify: The block that sends notifications, as TYPE/NAME; empty for no notifications.
        lost_after: How long a run may send no event before its process is checked.
        recovery_lost_after: The same for a run of `recover-run`.

    Returns:
        The names of the automations.

    Raises:
        NotFound: A deployment or the block is missing.

    """
    async with get_client() as client:
        recover = await _deployment(client, RECOVER_DEPLOYMENT)
        wanted = [
            *recover_lost_runs(recover, lost_after, recovery_lost_after),
            start_on_event(await _deployment(client, "relocate/relocate")),
        ]
        if notify:
            wanted += notifications(await _notification_action(client, notify))
        for automation in wanted:
            await _ensure(client, automation)
        for name in RETIRED:
            await _delete(client, name)
    return [automation.name for automation in wanted]


def recover_lost_runs(
    recover: UUID, lost_after: timedelta, recovery_lost_after: timedelta = RECOVERY_LOST_AFTER
) -> list[AutomationCore]:
    """Return the automations that start the flow `recover-run` for a silent run and for a crashed one.

    They change no run themselves: a server under load loses and delays events, and the state in an event
    may be outdated. The flow reads the run before it changes it.
    """
    run = {"__prefect_kind": "jinja", "template": "{{ labels.prefect.resource.id }}"}
    action = RunDeployment(source="selected", deployment_id=recover, parameters={"run": run})
    crash = EventTrigger(
        posture=Posture.Reactive,
        expect={_CRASHED},
        match=RUN,
        match_related=STARTED,
        for_each={"prefect.resource.id"},
        threshold=1,
    )
    seconds = f"{lost_after.total_seconds():.0f} s"
    return [
        AutomationCore(
            name=f"{NAME_PREFIX}recover silent runs",
            description=f"Checks a run that does not begin, or sends no heartbeat, for {seconds}.",
            trigger=_silence(OURS, lost_after),
            actions=[action],
        ),
        AutomationCore(
            name=f"{NAME_PREFIX}recover silent recoveries",
            description="The same for recover-run itself, which may be lost with its worker, or crash.",
            trigger=_silence_of_recoveries(recovery_lost_after),
            actions=[action],
        ),
        AutomationCore(
            name=f"{NAME_PREFIX}continue crashed runs",
            description="Schedules a crashed run again if it had not begun, or is a batch: only missing work is done.",
            trigger=crash,
            actions=[action],
        ),
    ]


def _silence(runs: ResourceSpecification, within: timedelta) -> EventTrigger:
    """Return the trigger for a run that is under way and sends no event for so long."""
    return EventTrigger(
        posture=Posture.Proactive,
        after=_AWAITED,
        expect={"prefect.flow-run.*"},
        match=RUN,
        match_related=runs,
        for_each={"prefect.resource.id"},
        threshold=1,
        within=within,
    )


def _silence_of_recoveries(within: timedelta) -> EventTrigger:
    """Return the trigger for a recovery that is silent, or has crashed, for so long.

    Not at once after a crash: recoveries that always crash would start each other without a pause.
    """
    silence = _silence(_runs_of("recover-run"), within)
    return silence.model_copy(update={"after": _AWAITED | {_CRASHED}, "expect": _AWAITED | _GOING_ON})


def notifications(how: ActionTypes) -> list[AutomationCore]:
    """Return the notifications about runs that failed, wait for an approval, or are finished; not about parts."""
    return [
        AutomationCore(
            name=f"{NAME_PREFIX}notify when {what}",
            trigger=EventTrigger(
                posture=Posture.Reactive,
                expect=events,
                match=RUN,
                match_related=_runs_of(*FLOWS),
                for_each={"prefect.resource.id"},
                threshold=1,
            ),
            actions=[how],
        )
        for what, events in NOTIFICATIONS.items()
    ]


def start_on_event(relocate: UUID) -> AutomationCore:
    """Return the automation that starts a relocation on its event, with the request as the payload."""
    request = {"__prefect_kind": "jinja", "template": "{{ event.payload.request | tojson }}"}
    return AutomationCore(
        name=f"{NAME_PREFIX}start on event",
        description=f"The event {REQUESTED_EVENT} starts a relocation; its payload is {{'request': …}}.",
        trigger=EventTrigger(posture=Posture.Reactive, expect={REQUESTED_EVENT}, threshold=1),
        actions=[
            RunDeployment(
                source="selected",
                deployment_id=relocate,
                parameters={"request": {"__prefect_kind": "json", "value": request}},
            )
        ],
    )


async def _deployment(client: PrefectClient, name: str) -> UUID:
    try:
        return (await client.read_deployment_by_name(name)).id
    except ObjectNotFound:
        raise NotFound(
            f"The Prefect server has no deployment {name}",
            resource=str(client.api_url),
            remedy="Register it: `acr-relocate deploy`.",
        ) from None


async def _delete(client: PrefectClient, name: str) -> None:
    for automation in await client.read_automations_by_name(name):
        await client.delete_automation(automation.id)


async def _notification_action(client: PrefectClient, notify: str) -> ActionTypes:
    kind, _, name = notify.partition("/")
    try:
        block = await client.read_block_document_by_name(name, kind, include_secrets=False)
    except ObjectNotFound:
        raise NotFound(
            f"The Prefect server has no block {notify}",
            resource=str(client.api_url),
            remedy="Create it in the UI (Blocks); `prefect block ls` shows TYPE/NAME, such as slack-webhook/ops.",
        ) from None
    ui = PREFECT_UI_URL.value() or str(client.api_url).rstrip("/").removesuffix("/api")
    link = LINK.replace("UI", ui)
    if kind == "webhook":
        return CallWebhook(block_document_id=block.id, payload=PAYLOAD.replace("LINK", link))
    return SendNotification(block_document_id=block.id, subject=_WORDS, body=BODY.replace("LINK", link))


async def _ensure(client: PrefectClient, automation: AutomationCore) -> None:
    """Create or update the automation. An equal one is not touched: during a change the server misses events."""
    known = await client.read_automations_by_name(automation.name)
    if known and AutomationCore.model_validate(known[0].model_dump(exclude={"id"})) == automation:
        return
    if known:
        await client.update_automation(known[0].id, automation)
    else:
        await client.create_automation(automation)
