"""Automations of the Prefect server: what a lost worker's runs come to, people are told, an event starts a relocation.

They are known by their names: applied again, they are as they are here, and no others are touched.
"""

from datetime import timedelta
from typing import Final
from uuid import UUID

from prefect import get_client
from prefect.client.orchestration import PrefectClient
from prefect.client.schemas.objects import StateType
from prefect.events.actions import ActionTypes, CallWebhook, ChangeFlowRunState, RunDeployment, SendNotification
from prefect.events.schemas.automations import AutomationCore, EventTrigger, Posture
from prefect.events.schemas.events import ResourceSpecification
from prefect.exceptions import ObjectNotFound
from prefect.settings import PREFECT_UI_URL

from acr_relocate.core.errors import NotFound
from deployments.server.local_server import HEARTBEAT_SECONDS
from tasks.runs.batch import OVER
from tasks.runs.queries import FLOWS

LOST_AFTER: Final = timedelta(seconds=3 * int(HEARTBEAT_SECONDS))
"""Three heartbeats: one or two may be late without their run being lost."""

WANTED_EVENT: Final = "acr-relocate.wanted"
"""Who emits it, with a request as its payload, starts a relocation."""

LOST: Final = (
    "The process of this run has not been heard of for some time: it was killed, or its machine was. "
    "Run it again: it does only what is missing."
)
AGAIN: Final = "The process of this batch run was lost. It is begun again, and goes on with what is unfinished."


def _runs_of(*flows: str) -> ResourceSpecification:
    """Runs of these flows of ours, and no others: those of other teams may have slower heartbeats."""
    return ResourceSpecification({"prefect.resource.role": ["flow"], "prefect.resource.name": list(flows)})


RUN: Final = ResourceSpecification({"prefect.resource.id": ["prefect.flow-run.*"]})
BATCH: Final = _runs_of("batch")
SINGLE: Final = _runs_of(*(flow for flow in FLOWS if flow != "batch"), "import-shard", "import-part")

TOLD: Final = {
    "a run failed": {"prefect.flow-run.Failed", "prefect.flow-run.Crashed"},
    "a run waits for approval": {"prefect.flow-run.Suspended"},
    "a run is finished": {"prefect.flow-run.Completed"},
}
"""What people are told of, and the events by which the server knows."""

WORDS: Final = "{{ flow_run.name }} is {{ flow_run.state.name }}"
LINK: Final = '((flow_run | ui_url) or "UI/runs/flow-run/" ~ flow_run.id)'
"""Where the run is seen. A server without PREFECT_UI_URL does not know its own address; who registers this does."""
BODY: Final = "{{ flow_run.state.message or '' }}\n{{ LINK }}"
PAYLOAD: Final = (
    '{"run": {{ flow_run.name | tojson }}, "id": "{{ flow_run.id }}", "state": {{ flow_run.state.name | tojson }}, '
    '"message": {{ (flow_run.state.message or "") | tojson }}, "url": {{ LINK | tojson }}}'
)


async def apply(*, notify: str = "", lost_after: timedelta = LOST_AFTER) -> list[str]:
    """The server has these automations as they are here; their names. Raises NotFound.

    `notify` is the block that people are told by, as TYPE/NAME; empty: nobody is told.
    """
    async with get_client() as client:
        wanted = [end_lost_runs(lost_after), *go_on_with_batches(lost_after), await _start_on_event(client)]
        if notify:
            wanted += tell(await _telling(client, notify))
        for automation in wanted:
            await _ensure(client, automation)
    return [automation.name for automation in wanted]


def end_lost_runs(lost_after: timedelta) -> AutomationCore:
    """Return what ends a run as Crashed whose process has not been heard of for so long: its registries are free."""
    return AutomationCore(
        name="acr-relocate: end lost runs",
        description=f"A run whose heartbeat stays away for {lost_after.total_seconds():.0f} s has no process any more.",
        trigger=_silence(SINGLE, lost_after),
        actions=[ChangeFlowRunState(state=StateType.CRASHED, message=LOST)],
    )


def go_on_with_batches(lost_after: timedelta) -> list[AutomationCore]:
    """Return what begins a batch run again whose process is gone: it finds those that it had started, and goes on.

    By its silence, where its worker is gone too. That alone would do, but a worker that outlives it says at once that
    it has crashed; and by the crash alone, a server that has restarted meanwhile would react 15 minutes late, because
    it waits for the events that it has forgotten.
    """
    again = ChangeFlowRunState(state=StateType.SCHEDULED, name="AwaitingRetry", message=AGAIN)
    crashed = EventTrigger(
        posture=Posture.Reactive,
        expect={"prefect.flow-run.Crashed"},
        match=RUN,
        match_related=BATCH,
        for_each={"prefect.resource.id"},
        threshold=1,
    )
    said = "is scheduled again, and does only what is unfinished."
    return [
        AutomationCore(
            name="acr-relocate: go on with lost batches",
            description=f"A batch run whose heartbeat stays away {said}",
            trigger=_silence(BATCH, lost_after),
            actions=[again],
        ),
        AutomationCore(
            name="acr-relocate: go on with crashed batches",
            description=f"A batch run that has crashed {said}",
            trigger=crashed,
            actions=[again],
        ),
    ]


def _silence(flows: ResourceSpecification, lost_after: timedelta) -> EventTrigger:
    """Nothing is heard of a run of these flows for so long after a heartbeat; of a batch that is over, by its OVER."""
    return EventTrigger(
        posture=Posture.Proactive,
        after={"prefect.flow-run.heartbeat"},
        expect={"prefect.flow-run.*", OVER},
        match=RUN,
        match_related=flows,
        for_each={"prefect.resource.id"},
        threshold=1,
        within=lost_after,
    )


def tell(how: ActionTypes) -> list[AutomationCore]:
    """Return what tells people of a run that failed, waits for an approval, or is finished; not of its parts."""
    return [
        AutomationCore(
            name=f"acr-relocate: tell that {what}",
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
        for what, events in TOLD.items()
    ]


def start_on_event(relocate: UUID) -> AutomationCore:
    """Return what starts a relocation when somebody emits that one is wanted, with its request as the payload."""
    request = {"__prefect_kind": "jinja", "template": "{{ event.payload.request | tojson }}"}
    return AutomationCore(
        name="acr-relocate: start on event",
        description=f"The event {WANTED_EVENT} starts a relocation; its payload is {{'request': …}}.",
        trigger=EventTrigger(posture=Posture.Reactive, expect={WANTED_EVENT}, threshold=1),
        actions=[
            RunDeployment(
                source="selected",
                deployment_id=relocate,
                parameters={"request": {"__prefect_kind": "json", "value": request}},
            )
        ],
    )


async def _start_on_event(client: PrefectClient) -> AutomationCore:
    try:
        return start_on_event((await client.read_deployment_by_name("relocate/on-demand")).id)
    except ObjectNotFound:
        raise NotFound(
            "The Prefect server has no deployment relocate/on-demand",
            resource=str(client.api_url),
            remedy="Register it: `acr-relocate deploy`.",
        ) from None


async def _telling(client: PrefectClient, notify: str) -> ActionTypes:
    kind, _, name = notify.partition("/")
    try:
        block = await client.read_block_document_by_name(name, kind, include_secrets=False)
    except ObjectNotFound:
        raise NotFound(
            f"The Prefect server has no block {notify}",
            resource=str(client.api_url),
            remedy="Make it in the UI (Blocks); `prefect block ls` lists them as TYPE/NAME, such as slack-webhook/ops.",
        ) from None
    ui = PREFECT_UI_URL.value() or str(client.api_url).rstrip("/").removesuffix("/api")
    link = LINK.replace("UI", ui)
    if kind == "webhook":
        return CallWebhook(block_document_id=block.id, payload=PAYLOAD.replace("LINK", link))
    return SendNotification(block_document_id=block.id, subject=WORDS, body=BODY.replace("LINK", link))


async def _ensure(client: PrefectClient, automation: AutomationCore) -> None:
    """The server has it. One that is as it should be is left alone: while it is changed, the server misses events."""
    known = await client.read_automations_by_name(automation.name)
    if known and AutomationCore.model_validate(known[0].model_dump(exclude={"id"})) == automation:
        return
    if known:
        await client.update_automation(known[0].id, automation)
    else:
        await client.create_automation(automation)
