"""Allow one run at a time on a registry, anywhere, through claims in Azure. A claim without a rival is the lease.

Each run writes a claim of its own, waits until every earlier write has become visible, and reads all claims: it has the
registry if no other claim lives. If two see each other, the one with the greater name withdraws. A claim lives as long
as it is renewed, so that a killed run releases its registries automatically.

This is safe if a read shows every write that is older than `SETTLE_SECONDS`: of two runs the one that claims later sees
the claim of the other. The age of a claim is measured by Azure's clock.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Annotated, Final

from pydantic import StringConstraints, ValidationError

from acr_relocate.core.errors import RegistryBusy
from acr_relocate.core.model import FrozenModel
from acr_relocate.core.registry.resource_ids import ResourceId
from acr_relocate.core.registry.restore_record import record_prefix

LEASE_KIND: Final = "lease"
SETTLE_SECONDS: Final = 4.0
"""How long a write may take to become visible to every reader."""
CLAIM_SECONDS: Final = 60.0
"""How long a claim lives without a renewal."""
RENEWAL_SECONDS: Final = 15.0
OWN_SECONDS: Final = CLAIM_SECONDS - 10.0
"""How long its holder trusts a claim that it could not renew: by its own clock, from before the write."""


class Claim(FrozenModel):
    """The content of a claim. `ended`: its run is over; it stays so that others see that there was one."""

    holder: Annotated[str, StringConstraints(max_length=200, pattern=r"^[^\x00-\x1f\x7f-\x9f]*$")] = ""
    ended: bool = False


class SeenClaim(FrozenModel):
    """A claim as found, and its age by Azure's clock, in seconds."""

    id: str
    claim: Claim
    age: float

    @property
    def name(self) -> str:
        """Return the name that decides between two claims that see each other."""
        return ResourceId(self.id).name

    @property
    def lives(self) -> bool:
        """Return whether its run may be at work. The answer may be as old as a write takes to become visible."""
        return not self.claim.ended and self.age < CLAIM_SECONDS + SETTLE_SECONDS


def is_claim(claim_id: str, registry_id: str) -> bool:
    """Return whether the id is that of a claim on the registry, in the registry's own resource group."""
    group, _, name = claim_id.partition("/providers/Microsoft.Resources/deployments/")
    prefix = record_prefix(LEASE_KIND, registry_id)
    return group == ResourceId(registry_id).group_id and re.fullmatch(f"{prefix}[0-9a-f]+", name) is not None


def claim_text(claim: Claim) -> list[str]:
    """Return the claim as the text of a note."""
    return [claim.model_dump_json(exclude_defaults=True)]


def read_claim(facts: object) -> Claim:
    """Return the claim in the text of a note. An unreadable text is a claim of somebody unknown."""
    try:
        return Claim.model_validate_json("".join(facts if isinstance(facts, list) else []))
    except (ValidationError, TypeError):
        return Claim(holder="a claim that cannot be read")


def loses_to_another(name: str, living: Iterable[SeenClaim]) -> bool:
    """Return whether the claim of this name gives way to one of the living claims."""
    return any(other.name < name for other in living)


def busy(registry_id: str, other: SeenClaim | None) -> RegistryBusy:
    """Return the error of a run that may not change the registry, because another one does or did."""
    registry = ResourceId(registry_id).name
    who = f"{other.claim.holder or 'another run'} changes it" if other else "another run has changed it since we looked"
    return RegistryBusy(
        f"{registry} was not touched: {who}",
        code="RegistryBusy",
        resource=other.id if other else registry_id,
        remedy="Run again: it waits until the other run has ended. A killed run frees its registries after a minute.",
    )
