"""What the checks need to know. What could not be read is Unknown with its reason, never absent."""

from __future__ import annotations

from pydantic import Field

from acr_relocate.core.inventory import Content, Registry
from acr_relocate.core.model import Frozen
from acr_relocate.core.request import RelocationRequest


class Unknown(Frozen):
    """Could not be read, and why. Says nothing about whether it is there."""

    reason: str


class NameAvailability(Frozen):
    """The answer of checkNameAvailability for the target's name."""

    available: bool
    message: str = ""


class RegionOffer(Frozen):
    """What the resource provider says of the target region (`providers/Microsoft.ContainerRegistry`)."""

    registries: bool
    zones: tuple[str, ...] = ()


class Subnet(Frozen):
    """A subnet of the target. `service_endpoints`: service name -> provisioning state."""

    id: str
    location: str = ""
    service_endpoints: dict[str, str] = Field(default_factory=dict)


class Lock(Frozen):
    """A management lock. `level` is ReadOnly or CanNotDelete; `scope` the id of what it is on."""

    scope: str
    name: str
    level: str


class PermissionSet(Frozen):
    """One entry of `{scope}/providers/Microsoft.Authorization/permissions`: actions may hold wildcards."""

    actions: tuple[str, ...] = ()
    not_actions: tuple[str, ...] = ()


class Evidence(Frozen):
    """All that the checks look at. `target` None and a subnet None mean: read, and not there.

    `subnets` has the target subnets of the request. `locks` are those in force on the source registry and on the
    target's resource group, inherited ones included. `providers`: subscription id -> registrationState of
    Microsoft.ContainerRegistry. `permissions`: scope -> what the running identity may do there, for the source's
    registry id and the target's resource group id. `content` is the source's.
    """

    request: RelocationRequest
    source: Registry
    target: Registry | Unknown | None = Unknown(reason="not asked")
    name: NameAvailability | Unknown = Unknown(reason="not asked")
    region: RegionOffer | Unknown = Unknown(reason="not asked")
    subnets: dict[str, Subnet | Unknown | None] = Field(default_factory=dict)
    locks: tuple[Lock, ...] | Unknown = Unknown(reason="not asked")
    providers: dict[str, str] | Unknown = Unknown(reason="not asked")
    permissions: dict[str, tuple[PermissionSet, ...] | Unknown] = Field(default_factory=dict)
    content: Content | Unknown = Unknown(reason="not asked")
