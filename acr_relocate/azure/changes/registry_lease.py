"""The lease of a registry: claimed, renewed and released with notes in the registry's resource group."""

from __future__ import annotations

import asyncio
import logging
import secrets
import time
from contextlib import suppress
from typing import Final

from acr_relocate.azure.client.session import AzureConnection
from acr_relocate.azure.client.write_gate import behind
from acr_relocate.azure.resources.deployment_notes import delete_note, find_note, find_notes, write_note
from acr_relocate.core.errors import AccessDenied, AlreadyExists, NotFound, RelocationError
from acr_relocate.core.registry import lease
from acr_relocate.core.registry.lease import Claim, SeenClaim, busy, claim_text, loses_to_another, read_claim
from acr_relocate.core.registry.resource_ids import ResourceId
from acr_relocate.core.registry.restore_record import record_prefix

log = logging.getLogger(__name__)

PART_LOOK_SECONDS: Final = 5.0
"""How often a part of a run looks for the claim of the run, at most: so long it may write after the run has ended."""
PATIENCE: Final = 5
"""How often to wait for a claim that has to withdraw and does not: after that it has the registry."""


class RegistryLease:
    """The lease of one registry for one run. It is claimed at the first write, so a run without writes has none.

    `leaves_trace`: the ended claim stays until the next run, so that a run which read before and writes later sees it.
    """

    settle_seconds = lease.SETTLE_SECONDS

    def __init__(self, azure: AzureConnection, registry_id: str, holder: str, *, leaves_trace: bool) -> None:
        self._azure = azure
        self._registry_id = registry_id
        self._group_id = ResourceId(registry_id).group_id
        self._prefix = record_prefix(lease.LEASE_KIND, registry_id)
        self._name = self._prefix + secrets.token_hex(6)
        self._claim = Claim(holder=holder)
        self._leaves_trace = leaves_trace
        self._one = asyncio.Lock()
        self._renewed: float | None = None
        self._ended_before: frozenset[str] = frozenset()
        self._remains: set[str] = set()

    async def look(self) -> SeenClaim | None:
        """Return a living claim of another run, or None; remember the ended ones."""
        claims = await self._claims()
        self._ended_before = frozenset(each.id for each in claims if not each.lives)
        return next((each for each in claims if each.lives), None)

    async def ensure(self) -> None:
        """Claim the lease unless already held. Raises RegistryBusy if another run has or had it since the look."""
        if self._is_fresh():
            return
        async with self._one:
            if not self._is_fresh():
                await self._take()

    async def renew(self) -> None:
        """Renew a held lease."""
        if self._renewed is None or self._one.locked():
            return
        began = time.monotonic()
        with suppress(AlreadyExists):  # the write before is not settled yet
            await self._write(self._claim)
            self._renewed = began

    async def give_up(self) -> None:
        """Release the claim, and delete the claims of ended runs."""
        if self._renewed is None:
            return
        self._renewed = None
        if self._leaves_trace:
            await self._write(self._claim.model_copy(update={"ended": True}))
        else:
            await delete_note(self._azure, self.id)
        for each in sorted(self._remains):
            await delete_note(self._azure, each)

    @property
    def id(self) -> str:
        """The id of the claim."""
        return f"{self._group_id}/providers/Microsoft.Resources/deployments/{self._name}"

    def _is_fresh(self) -> bool:
        return self._renewed is not None and time.monotonic() - self._renewed < lease.OWN_SECONDS

    async def _take(self) -> None:
        """Write a claim, wait until the claims of all other runs would be visible, and read them."""
        began = time.monotonic()
        await self._write(self._claim)
        for _ in range(PATIENCE):
            await asyncio.sleep(self.settle_seconds)
            claims = await self._claims()
            living = [each for each in claims if each.lives]
            came = [each for each in claims if each.claim.ended and each.id not in self._ended_before]
            if came or loses_to_another(self._name, living):
                break
            if not living:
                self._renewed = began
                self._remains |= {each.id for each in claims}
                return
        with suppress(RelocationError):  # otherwise it expires
            await delete_note(self._azure, self.id)
        raise busy(self._registry_id, living[0] if living else None)

    async def _write(self, claim: Claim) -> None:
        with behind(None):
            await write_note(self._azure, self._group_id, self._name, claim_text(claim))

    async def _claims(self) -> list[SeenClaim]:
        """Return the claims of other runs."""
        notes = await find_notes(self._azure, self._group_id, self._prefix)
        return [
            SeenClaim(id=note.id, claim=read_claim(note.facts), age=note.age)
            for note in notes
            if note.name != self._name
        ]


class LeaseGate:
    """Admits the writes of a run once the run has the registry that they concern.

    Writes to the source concern the source; all others concern the target. As long as the target's group does not
    exist there is nothing to claim: the group is created first.
    """

    def __init__(self, source_id: str, source: RegistryLease, target: RegistryLease) -> None:
        self._source_id = source_id.lower()
        self._source = source
        self._target = target
        self._target_is_closed = False

    async def _hold_target(self) -> None:
        """Claim the target, if its group exists and this identity may write there.

        Without that right the run fails at its other writes there, or writes elsewhere, such as a dependent's role.
        """
        if self._target_is_closed:
            return
        try:
            await self._target.ensure()
        except NotFound:
            return
        except AccessDenied as error:
            self._target_is_closed = True
            log.warning("Only this Prefect server keeps two runs apart at the target: %s", error)

    async def admit(self, host: str, path: str) -> None:
        """Return once this run has the registry that the write concerns."""
        name = ResourceId(self._source_id).name
        label = host.partition(".")[0]
        at_source = f"{path}/".startswith(f"{self._source_id}/") or label == name or label.startswith(f"{name}-")
        if at_source:
            await self._source.ensure()
            return
        await self._hold_target()

    async def hold(self, registry_id: str) -> str:
        """Return the claim by which this run has the registry to itself, once it has it."""
        lease = self._source if registry_id.lower() == self._source_id else self._target
        await lease.ensure()
        return lease.id


class PartGate:
    """Lets the writes of a part of a run pass, as long as the claim of the run that it is a part of lives."""

    def __init__(self, azure: AzureConnection, registry_id: str, claim_id: str) -> None:
        self._azure = azure
        self._registry_id = registry_id
        self._claim_id = claim_id
        self._trusted_until = 0.0
        self._one = asyncio.Lock()

    async def admit(self, host: str, path: str) -> None:  # noqa: ARG002 - a part writes to the target alone
        """Return if the claim lives. Raises RegistryBusy if not."""
        async with self._one:
            began = time.monotonic()
            if began >= self._trusted_until:
                self._trusted_until = began + await self._seconds_left()

    async def hold(self, registry_id: str) -> str:
        """Return the claim of the run that this is a part of."""
        await self.admit("", registry_id)
        return self._claim_id

    async def _seconds_left(self) -> float:
        """Return for how long the claim may be trusted."""
        note = await find_note(self._azure, self._claim_id)
        left = 0.0 if note is None or read_claim(note.facts).ended else lease.OWN_SECONDS - note.age
        if left <= 0:
            raise busy(self._registry_id, None)
        return min(left, PART_LOOK_SECONDS)
