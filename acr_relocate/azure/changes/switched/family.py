"""The steps of a switch that each family of dependents has in its own way."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable
from typing import Any, ClassVar, Protocol

from acr_relocate.azure.client.session import AzureConnection
from acr_relocate.core.errors import NotFound, RelocationError
from acr_relocate.core.switching import SwitchedDependent
from acr_relocate.core.switching.facts import DependentHealth
from acr_relocate.core.switching.writes import SwitchWrite

Json = dict[str, Any]


class HealthWatch(Protocol):
    """Looks at one dependent until it is healthy. `part`: of a dependent that has parts, which of them."""

    async def before_change(self, part: str = "") -> None:
        """Note what runs now: afterwards something else has to run."""

    async def until_healthy(self, server: str, part: str = "") -> str:
        """Wait until it runs the images of this login server and is healthy; return the name of what runs."""


class Family(ABC):
    """One dependent of a family. `found`: the dependent as it is, read by `find`.

    `advice`: what to do about one that is not healthy. `steady_seconds`: so long it has to be healthy, where the
    platform does not tell what runs before a change from what runs afterwards.
    """

    advice: ClassVar[str]
    steady_seconds: ClassVar[float] = 0.0

    def __init__(self, azure: AzureConnection, former: SwitchedDependent) -> None:
        self.azure, self.facts = azure, former

    @abstractmethod
    async def find(self) -> Json | None:
        """Return the dependent as Azure shows it; None if it is gone."""

    @abstractmethod
    def former(self, found: Json) -> SwitchedDependent | None:
        """Return the former value as it is now; None if the dependent does not name the source."""

    @abstractmethod
    def changed_since(self, found: Json) -> str:
        """Return what others have changed of that which the switch changes, or an empty string."""

    @abstractmethod
    def to_target(self, found: Json) -> tuple[SwitchWrite, ...]:
        """Return the first writes; none if they are done."""

    @abstractmethod
    def to_source(self, found: Json) -> tuple[SwitchWrite, ...]:
        """Return the writes that restore the former value; none if the dependent has it."""

    @abstractmethod
    async def health(self, server: str, part: str, before: frozenset[str]) -> DependentHealth:
        """Return the health of the dependent, which has to run the images of this server and nothing of `before`."""

    @abstractmethod
    async def go_there(self, watch: HealthWatch, steps: Iterable[int]) -> bool:
        """Let it use the target, wait until it is healthy, do what waits for that; return whether anything was done."""

    @abstractmethod
    async def go_back(self, watch: HealthWatch) -> None:
        """Give it its former value again, and wait until it is healthy with it."""

    def replaced(self, found: Json) -> tuple[str, ...]:
        """Return the parts of which the first writes replace what runs."""
        return ("",) if any(write.replaces_container for write in self.to_target(found)) else ()

    async def running(self, part: str) -> frozenset[str]:
        """Return the ids of what runs now; empty where the platform does not show them."""
        del part
        return frozenset()

    async def still_used(self) -> str:
        """Return what of it may still pull from the source after the switch, or an empty string."""
        return ""

    async def not_restored(self) -> str:
        """Return what of it is left as it is after it was restored, or an empty string."""
        return ""

    async def get(self) -> Json:
        """Return the dependent as Azure shows it. Raises NotFound."""
        found = await self.find()
        if found is None:
            raise NotFound(f"{self.facts.name} is gone", resource=self.facts.dependent_id)
        return found

    async def send(self, writes: Iterable[SwitchWrite], doing: str) -> bool:
        """Send the writes, one after another; return whether there were any."""
        sent, words = False, f"{doing} {self.facts.name}"
        for write in writes:
            sent = True
            change = {"PUT": self.azure.arm.put, "PATCH": self.azure.arm.patch, "POST": self.azure.arm.post}[
                write.method
            ]
            await change(write.path, write.api_version, write.body, doing=words)
        return sent


def not_switchable(
    facts: SwitchedDependent, reason: str, remedy: str = "The commands of the plan change it."
) -> RelocationError:
    """Return the error for a dependent that is left as it is."""
    return RelocationError(
        f"{facts.name} is left as it is: {reason}",
        code="NotSwitchable",
        resource=facts.dependent_id,
        remedy=remedy,
    )
