"""Allow one run at a time on each registry: a limit of 1 at the Prefect server, created and released automatically.

Prefect's own `concurrency` loses its slot for good when it cannot renew its lease for some seconds, and with the
server's default lease storage (its memory) a restart of the server leaves the slot occupied for ever. So the lease is
kept here: renewed, acquired again when the server has lost it, and a slot without a run is freed.
"""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from contextvars import ContextVar
from uuid import UUID

from prefect import get_client
from prefect.client.orchestration import PrefectClient
from prefect.client.schemas.actions import GlobalConcurrencyLimitUpdate
from prefect.client.schemas.filters import FlowRunFilter, FlowRunFilterState, FlowRunFilterStateType, FlowRunFilterTags
from prefect.client.schemas.objects import ConcurrencyLeaseHolder, FlowRun, StateType
from prefect.exceptions import ObjectAlreadyExists, Pause, PrefectHTTPStatusError
from prefect.logging import get_run_logger
from prefect.runtime import flow_run
from prefect.settings import get_current_settings

from acr_relocate.core.request.relocation import RelocationRequest
from tasks.runs.artifacts import ignore_server_errors
from tasks.runs.crashed_runs import TURN, mark_crashed_runs
from tasks.runs.events import Waiting, announce
from tasks.runs.registry_lease import registry_lease
from tasks.runs.restore_records import run_name
from tasks.runs.server_watch import server_is_lost

LEASE_SECONDS = 60.0
"""Seconds of a lease: the minimum at the server. A killed run releases its registries when its lease has expired."""

LOCK_RENEWAL_SECONDS = 20.0
LOCK_LOOK_SECONDS = 5.0
ABANDONED_SECONDS = 2 * LEASE_SECONDS
"""Seconds after which a slot without a run counts as abandoned: by then every lease would have expired."""

LOCKED, GONE = 423, 410
AT_WORK = [StateType.RUNNING, StateType.CANCELLING, StateType.PAUSED]
_ours: ContextVar[frozenset[str]] = ContextVar("the registries locked by this run", default=frozenset())
_turn: ContextVar["RegistrySlot | None"] = ContextVar("the lease of this run", default=None)


def lock_names(request: RelocationRequest) -> list[str]:
    """Return the global concurrency limits of a relocation, one for each registry. Runs carry them as tags, too."""
    return [f"registry-{name}" for name in sorted({request.source.name, request.target.name})]


@asynccontextmanager
async def registry_lock(request: RelocationRequest, *, leaves_trace: bool = True) -> AsyncIterator[None]:
    """Lock these registries while the block runs; wait for a present holder, and name it.

    The limit of the Prefect server is the fast path; the leases in Azure work on other servers and machines as well.
    `leaves_trace`: an ended claim may stay in the target's group, for runs that read before.
    A flow inside a flow shares its lock. A suspended run has released it.
    """
    names = [name for name in lock_names(request) if name not in _ours.get()]
    if not names:
        yield
        return
    async with get_client() as client:
        turn = RegistrySlot(client, names)
        await turn.take()
        await ignore_server_errors(_say(client, "taken"))
        keeper = asyncio.create_task(turn.keep())
        clearing = asyncio.create_task(ignore_server_errors(mark_crashed_runs(client, names)))
        token, lent = _ours.set(_ours.get() | set(names)), _turn.set(turn)
        orderly = True
        try:
            async with registry_lease(request, await run_name(), _tell_people, leaves_trace=leaves_trace):
                yield
        except Pause:
            await ignore_server_errors(_take_off_tags(client, names))
            raise
        except asyncio.CancelledError:
            orderly = False  # runs inside this one may never report their end
            raise
        finally:
            _ours.reset(token)
            _turn.reset(lent)
            await asyncio.wait([clearing], timeout=LOCK_LOOK_SECONDS)
            clearing.cancel()
            keeper.cancel()
            await asyncio.wait([clearing, keeper])
            if orderly:
                await ignore_server_errors(_say(client, "given up"))
            await turn.give_up()


def current_lease() -> UUID | None:
    """Return the present lease of this run, for its parts. None without one."""
    turn = _turn.get()
    return turn.lease if turn else None


class RegistrySlot:
    """The lease of this run on some registries: one lease on all of their limits."""

    def __init__(self, client: PrefectClient, names: list[str]) -> None:
        self._client = client
        self._names = names
        self.lease: UUID | None = None
        self._unheld_since: float | None = None

    async def take(self) -> None:
        """Acquire the lease. While waiting, name each holder once."""
        for name in self._names:
            with suppress(ObjectAlreadyExists):  # another run was faster
                await self._client.upsert_global_concurrency_limit_by_name(name, 1)
        told: set[UUID | None] = set()
        while not await self._granted():
            holder = await self._holder()
            who = holder.id if holder else None
            if who not in told:
                told.add(who)
                self._tell(holder)
            await self._free_if_abandoned(holder)
            await asyncio.sleep(LOCK_LOOK_SECONDS)

    async def keep(self) -> None:
        """Renew the lease; acquire a lost one again. Ends by cancellation."""
        while True:
            await asyncio.sleep(LOCK_RENEWAL_SECONDS)
            try:
                if self.lease is None:
                    await self._granted()
                else:
                    await self._client.renew_concurrency_lease(self.lease, LEASE_SECONDS)
            except PrefectHTTPStatusError as error:
                if error.response.status_code == GONE:
                    await self._recover()
            except Exception as error:  # noqa: BLE001 - a server that is away comes back; the work goes on meanwhile
                get_run_logger().warning("The lease on %s could not be renewed: %s", self._registries, error)

    async def give_up(self) -> None:
        """Release the lease. If the server cannot be reached, it expires."""
        if self.lease is None or server_is_lost():
            return
        try:
            await self._client.release_concurrency_slots_with_lease(self.lease)
        except Exception as error:  # noqa: BLE001 - the work is done, whatever the server says
            get_run_logger().warning("The lease on %s will expire: %s", self._registries, error)

    async def _granted(self) -> bool:
        holder = ConcurrencyLeaseHolder(type="flow_run", id=UUID(str(flow_run.id)))
        try:
            answer = await self._client.increment_concurrency_slots_with_lease(
                self._names, 1, "concurrency", LEASE_SECONDS, holder
            )
        except PrefectHTTPStatusError as error:
            if error.response.status_code != LOCKED:
                raise
            return False
        self.lease = UUID(answer.json()["lease_id"])
        return True

    async def _recover(self) -> None:
        """Recover after the server lost the lease: its slot is still taken, unless the server saw the lease expire."""
        self.lease = None
        if not await self._granted() and await self._holder() is None:
            await self._free()
            await self._granted()

    async def _holder(self) -> FlowRun | None:
        """Return the other run that has one of the registries now."""
        working = FlowRunFilter(
            tags=FlowRunFilterTags(any_=self._names),
            state=FlowRunFilterState(type=FlowRunFilterStateType(any_=AT_WORK)),
        )
        runs = await self._client.read_flow_runs(flow_run_filter=working)
        return next((run for run in runs if str(run.id) != str(flow_run.id) and not _is_suspended(run)), None)

    async def _free_if_abandoned(self, holder: FlowRun | None) -> None:
        now = time.monotonic()
        if holder is not None:
            self._unheld_since = None
        elif self._unheld_since is None:
            self._unheld_since = now
        elif now - self._unheld_since > ABANDONED_SECONDS:
            await self._free()
            self._unheld_since = now

    async def _free(self) -> None:
        for name in self._names:
            await self._client.update_global_concurrency_limit(name, GlobalConcurrencyLimitUpdate(active_slots=0))

    def _tell(self, holder: FlowRun | None) -> None:
        who = f"{holder.name} ({get_current_settings().ui_url}/v2/runs/flow-run/{holder.id})" if holder else "a run"
        _tell_people(f"waiting for {self._registries}: used by {who}")

    @property
    def _registries(self) -> str:
        return " and ".join(name.removeprefix("registry-") for name in self._names)


def _tell_people(said: str) -> None:
    get_run_logger().info("%s%s", said[0].upper(), said[1:])
    announce(Waiting(said))


async def _say(client: PrefectClient, turn: str) -> None:
    """Label this run as holder of its registries or not, for the clean-up after killed runs."""
    await client.update_flow_run_labels(UUID(str(flow_run.id)), {TURN: turn})


async def _take_off_tags(client: PrefectClient, names: list[str]) -> None:
    """Remove the tags of its registries from the run: when resumed it waits for them, unseen by others."""
    run = await client.read_flow_run(UUID(str(flow_run.id)))
    await client.update_flow_run(run.id, tags=[tag for tag in run.tags if tag not in names])


def _is_suspended(run: FlowRun) -> bool:
    """Return whether the run is paused without a process: then it has released its lease."""
    return bool(run.state and run.state.is_paused() and run.state.state_details.pause_reschedule)
