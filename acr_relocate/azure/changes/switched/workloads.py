"""Workloads of AKS clusters, by commands that run in the cluster (`az aks command invoke`)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from acr_relocate.azure.changes.switched.family import Family, HealthWatch, Json
from acr_relocate.core.errors import NotFound, RelocationError
from acr_relocate.core.switching import SwitchedDependent
from acr_relocate.core.switching.facts import DependentHealth
from acr_relocate.core.switching.pull_secrets import (
    FoundSecret,
    add_entries,
    left_secrets,
    list_secrets,
    read_secrets,
    remove_entries,
    with_secrets,
)
from acr_relocate.core.switching.workloads import (
    LIST_WORKLOADS,
    Workload,
    changed_workloads,
    facts_of_workloads,
    left_workloads,
    read_workloads,
    workload_commands,
    workloads_changed_since,
    workloads_health,
)
from acr_relocate.core.switching.writes import SwitchWrite

CLUSTERS_API: Final = "2025-05-01"
_FOUND, _SECRETS, _TO_REPLACE = "workloads", "secrets", "to replace"


class ClusterWorkloads(Family):
    """All its workloads at once: one that is not rolled out in time takes the others back with it."""

    advice = "Look at its pods (`kubectl get events --all-namespaces`). Can its nodes pull from the registry?"

    async def find(self) -> Json | None:
        """Return the workloads of the cluster; None if there is no such cluster."""
        try:
            logs = await self._run(LIST_WORKLOADS, f"Listing the workloads of {self.facts.name}")
        except NotFound:
            return None
        return {_FOUND: read_workloads(logs), _SECRETS: () if self.facts.workloads else await self._secrets()}

    async def _secrets(self) -> tuple[FoundSecret, ...]:
        return read_secrets(
            await self._run(list_secrets(self.facts), f"Listing the names of the pull secrets of {self.facts.name}")
        )

    def former(self, found: Json) -> SwitchedDependent | None:
        """Return the former images; None if no workload that is to be switched names the source."""
        former = with_secrets(facts_of_workloads(self.facts, _workloads(found)), found[_SECRETS])
        return former if former.workloads else None

    def changed_since(self, found: Json) -> str:
        """Return that others have changed all of its workloads."""
        return workloads_changed_since(self.facts, _workloads(found))

    def to_target(self, found: Json) -> tuple[SwitchWrite, ...]:
        """Return the commands that add the target to the pull secrets, then those that set its images."""
        images = workload_commands(self.facts, _workloads(found), self.facts.after)
        return self._writes((*(add_entries(self.facts) if images else ()), *images))

    def to_source(self, found: Json) -> tuple[SwitchWrite, ...]:
        """Return the commands that set the former images; the last one removes the target from the pull secrets too.

        So a kill leaves no entry behind: an image that is not restored yet lets the next run begin here again.
        """
        workloads = _workloads(found)
        images = workload_commands(self.facts, workloads, lambda one: one.image)
        last = (" && ".join((one, *remove_entries(self.facts, workloads))) for one in images[-1:])
        return self._writes((*images[:-1], *last))

    def replaced(self, found: Json) -> tuple[str, ...]:
        """Return one part, for the workloads that run the source's images."""
        return (_TO_REPLACE,) if self.to_target(found) else ()

    async def health(self, server: str, part: str, before: frozenset[str]) -> DependentHealth:
        """Return whether all of them are rolled out, or before a change those that it concerns."""
        del before
        return workloads_health(self.facts, _workloads(await self.get()), server, those_there=bool(part))

    async def go_there(self, watch: HealthWatch, steps: Iterable[int]) -> bool:
        """Set the images, and wait until all workloads are rolled out."""
        del steps
        moved = await self.send(self.to_target(await self.get()), "Switching the workloads of")
        await watch.until_healthy(self.facts.target_server)
        return moved

    async def go_back(self, watch: HealthWatch) -> None:
        """Set the former images."""
        await self.send(self.to_source(await self.get()), "Restoring the workloads of")
        await watch.until_healthy(self.facts.source_server)

    async def still_used(self) -> str:
        """Return the workloads and the pull secrets that are left to people."""
        left = left_workloads(self.facts, _workloads(await self.get())), left_secrets(self.facts, await self._secrets())
        return "; ".join(filter(None, left))

    async def not_restored(self) -> str:
        """Return the workloads that others have changed since."""
        return changed_workloads(self.facts, _workloads(await self.get()))

    async def send(self, writes: Iterable[SwitchWrite], doing: str) -> bool:
        """Run the commands, one after another."""
        sent = False
        for write in writes:
            sent = True
            await self._run(str(write.body["command"]), f"{doing} {self.facts.name}")
        return sent

    def _writes(self, commands: Iterable[str]) -> tuple[SwitchWrite, ...]:
        path = f"{self.facts.dependent_id}/runCommand"
        return tuple(SwitchWrite("POST", path, CLUSTERS_API, {"command": command}) for command in commands)

    async def _run(self, command: str, doing: str) -> str:
        """Return the output of the command. Raises RelocationError if it fails."""
        path = f"{self.facts.dependent_id}/runCommand"
        answer = await self.azure.arm.post(path, CLUSTERS_API, {"command": command}, doing=doing)
        result = answer.get("properties") or {}
        logs = str(result.get("logs") or "")
        if result.get("exitCode") != 0:
            why = logs or str(result.get("reason") or "the cluster did not say why")
            raise RelocationError(f"{doing} failed: {why[-500:].strip()}", code="CommandFailed", resource=path)
        return logs


def _workloads(found: Json) -> tuple[Workload, ...]:
    return tuple(found.get(_FOUND) or ())
