"""What the checks need to know. What could not be read is Unknown with its reason, never absent."""

from __future__ import annotations

from typing import Final

from pydantic import Field

from acr_relocate.core.inventory import Content, Registry
from acr_relocate.core.ledger import NOTHING_KNOWN, Ledger
from acr_relocate.core.model import Frozen
from acr_relocate.core.request import RelocationRequest


class Unknown(Frozen):
    """Could not be read, and why. Says nothing about whether it is there.

    `what` names it in a sentence, `code` the kind of error. `action` and `scope` say which permission is missing, as
    Azure itself put it, if that is why. `asked` is False where nobody wanted to know: then there is nothing to say.
    """

    reason: str
    what: str = ""
    code: str = ""
    action: str = ""
    scope: str = ""
    asked: bool = True


UNREGISTERED: Final = "MissingSubscriptionRegistration"
"""The code of what Azure does not tell because the provider is not registered. Only a person can change that."""

NOT_ASKED: Final = Unknown(reason="not asked", asked=False)


class NameAvailability(Frozen):
    """The answer of checkNameAvailability for the target's name."""

    available: bool
    message: str = ""


class RegionOffer(Frozen):
    """What the resource provider says of the target region (`providers/Microsoft.ContainerRegistry`).

    `lacking`: kinds of children, such as `agentPools`, that it offers elsewhere but not there.
    """

    registries: bool
    zones: tuple[str, ...] = ()
    lacking: tuple[str, ...] = ()


class Subscription(Frozen):
    """A subscription: its tenant, its state (Enabled, Warned, PastDue, Disabled, Deleted) and its offer (quotaId)."""

    id: str
    tenant_id: str = ""
    state: str = "Enabled"
    quota_id: str = ""


class Group(Frozen):
    """The target's resource group. `deployments`: how many its history holds."""

    id: str
    location: str
    state: str = "Succeeded"
    deployments: int | Unknown = NOT_ASKED


class Subnet(Frozen):
    """A subnet of the target. `service_endpoints`: service name -> provisioning state."""

    id: str
    location: str = ""
    prefixes: tuple[str, ...] = ()
    service_endpoints: dict[str, str] = Field(default_factory=dict)


class AddressSpace(Frozen):
    """A subnet in which addresses are to be fixed: its prefixes, and which of the addresses in question are free."""

    prefixes: tuple[str, ...] = ()
    free: dict[str, bool] = Field(default_factory=dict)


class Lock(Frozen):
    """A management lock. `level` is ReadOnly or CanNotDelete; `scope` the id of what it is on; `notes` say why."""

    scope: str
    name: str
    level: str
    notes: str = ""


class PermissionSet(Frozen):
    """One entry of `{scope}/providers/Microsoft.Authorization/permissions`: actions may hold wildcards."""

    actions: tuple[str, ...] = ()
    not_actions: tuple[str, ...] = ()
    data_actions: tuple[str, ...] = ()
    not_data_actions: tuple[str, ...] = ()


class Identity(Frozen):
    """A user-assigned managed identity that the source uses."""

    id: str
    location: str = ""
    client_id: str = ""
    principal_id: str = ""


class Key(Frozen):
    """A key as its vault describes it, without its material. `kind`: RSA, RSA-HSM, EC, ..."""

    kind: str = "RSA"
    enabled: bool = True
    expired: bool = False


class Vault(Frozen):
    """The key vault of a customer-managed key.

    `trusted_services`: whether its firewall lets Azure's own services in. `grantees`: object ids of those who may get,
    wrap and unwrap with its keys, by role or access policy.
    """

    id: str
    location: str
    soft_delete: bool = True
    purge_protection: bool = True
    trusted_services: bool = True
    grantees: tuple[str, ...] | Unknown = NOT_ASKED
    key: Key | Unknown | None = NOT_ASKED


class Sink(Frozen):
    """Where a diagnostic setting of the source sends logs. `location` is None if the sink does not exist."""

    setting: str
    id: str
    location: str | None


class Endpoint(Frozen):
    """A private endpoint of the source."""

    id: str
    location: str = ""


class Validation(Frozen):
    """What Azure answered when it was asked to validate the target's template, and what deploying it would change.

    `code` is empty if it was accepted. `changes`: resource id -> Create, Modify, Delete, ... as what-if foretells it.
    """

    code: str = ""
    message: str = ""
    is_policy: bool = False
    changes: dict[str, str] = Field(default_factory=dict)


class Evidence(Frozen):
    """All that the checks look at. `target` None, a subnet None and the like mean: read, and not there.

    By id: `subscriptions` of source, target and subnets; `subnets`, the target subnets of the request; in lower case
    `address_spaces`, those in which its private endpoints have fixed addresses; `identities` and `endpoints`, those
    that the source names. `vaults` by name. `locks` are those in force on the source registry
    and on the target's resource group, inherited ones included. `providers`: subscription id -> registrationState of
    Microsoft.ContainerRegistry. `permissions`: scope -> what the running identity may do there. `roles`: how many role
    assignments were made at the source itself. `hidden`: repositories that the source's own settings name and that
    exist, but that its catalogue does not show. `usage`: of the source, name -> current value, limit (-1: none).
    `content` is the source's. `brought`: what earlier runs brought to the target.
    """

    request: RelocationRequest
    source: Registry
    target: Registry | Unknown | None = NOT_ASKED
    name: NameAvailability | Unknown = NOT_ASKED
    region: RegionOffer | Unknown = NOT_ASKED
    subscriptions: dict[str, Subscription | Unknown | None] = Field(default_factory=dict)
    group: Group | Unknown | None = NOT_ASKED
    subnets: dict[str, Subnet | Unknown | None] = Field(default_factory=dict)
    address_spaces: dict[str, AddressSpace | Unknown | None] = Field(default_factory=dict)
    locks: tuple[Lock, ...] | Unknown = NOT_ASKED
    providers: dict[str, str | Unknown] = Field(default_factory=dict)
    permissions: dict[str, tuple[PermissionSet, ...] | Unknown | None] = Field(default_factory=dict)
    identities: dict[str, Identity | Unknown | None] = Field(default_factory=dict)
    vaults: dict[str, Vault | Unknown | None] = Field(default_factory=dict)
    endpoints: dict[str, Endpoint | Unknown | None] = Field(default_factory=dict)
    sinks: tuple[Sink, ...] | Unknown = NOT_ASKED
    event_subscriptions: tuple[str, ...] | Unknown = NOT_ASKED
    roles: int | Unknown = NOT_ASKED
    usage: dict[str, tuple[int, int]] | Unknown = NOT_ASKED
    validation: Validation | Unknown | None = NOT_ASKED
    hidden: tuple[str, ...] | Unknown = NOT_ASKED
    content: Content | Unknown = NOT_ASKED
    target_content: Content | Unknown | None = NOT_ASKED
    brought: Ledger = NOTHING_KNOWN


def with_content(
    evidence: Evidence,
    content: Content | Unknown,
    target_content: Content | Unknown | None,
    hidden: tuple[str, ...] | Unknown,
    brought: Ledger = NOTHING_KNOWN,
) -> Evidence:
    """Return the evidence with what the registries hold; it is read apart, because it takes longest."""
    return evidence.model_copy(
        update={"content": content, "target_content": target_content, "hidden": hidden, "brought": brought}
    )
