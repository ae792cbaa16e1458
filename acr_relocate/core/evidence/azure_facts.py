"""Facts about Azure resources that the checks need."""

from pydantic import Field

from acr_relocate.core.evidence.unknown import NOT_ASKED, Unknown
from acr_relocate.core.model import FrozenModel


class NameAvailability(FrozenModel):
    """The answer of checkNameAvailability for the target's name."""

    available: bool
    message: str = ""


class RegionOffer(FrozenModel):
    """The resource provider's offer in the target region (`providers/Microsoft.ContainerRegistry`).

    `lacking`: kinds of children, such as `agentPools`, that it offers elsewhere but not there.
    """

    registries: bool
    zones: tuple[str, ...] = ()
    lacking: tuple[str, ...] = ()


class Subscription(FrozenModel):
    """A subscription: its tenant, its state (Enabled, Warned, PastDue, Disabled, Deleted) and its offer (quotaId)."""

    id: str
    tenant_id: str = ""
    state: str = "Enabled"
    quota_id: str = ""


class TargetResourceGroup(FrozenModel):
    """The target's resource group. `deployments`: how many its history holds."""

    id: str
    location: str
    state: str = "Succeeded"
    deployments: int | Unknown = NOT_ASKED


class Subnet(FrozenModel):
    """A subnet of the target. `service_endpoints`: service name -> provisioning state."""

    id: str
    location: str = ""
    prefixes: tuple[str, ...] = ()
    service_endpoints: dict[str, str] = Field(default_factory=dict)


class AddressSpace(FrozenModel):
    """A subnet in which addresses are to be fixed: its prefixes, and which of the addresses in question are free."""

    prefixes: tuple[str, ...] = ()
    free: dict[str, bool] = Field(default_factory=dict)


class Lock(FrozenModel):
    """A management lock. `level` is ReadOnly or CanNotDelete; `scope` the id of its resource; `notes` say why."""

    scope: str
    name: str
    level: str
    notes: str = ""


class PermissionSet(FrozenModel):
    """One entry of `{scope}/providers/Microsoft.Authorization/permissions`: actions may hold wildcards."""

    actions: tuple[str, ...] = ()
    not_actions: tuple[str, ...] = ()
    data_actions: tuple[str, ...] = ()
    not_data_actions: tuple[str, ...] = ()


class UserAssignedIdentity(FrozenModel):
    """A user-assigned managed identity that the source uses."""

    id: str
    location: str = ""
    client_id: str = ""
    principal_id: str = ""


class VaultKey(FrozenModel):
    """A key as its vault describes it, without its material. `kind`: RSA, RSA-HSM, EC, ..."""

    kind: str = "RSA"
    enabled: bool = True
    expired: bool = False


class KeyVault(FrozenModel):
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
    key: VaultKey | Unknown | None = NOT_ASKED


class DiagnosticSink(FrozenModel):
    """The destination of a diagnostic setting's logs. `location` is None if it does not exist."""

    setting: str
    id: str
    location: str | None


class SourceEndpoint(FrozenModel):
    """A private endpoint of the source."""

    id: str
    location: str = ""


class Validation(FrozenModel):
    """Azure's validation of the target's template, and the changes that deploying it would make.

    `code` is empty if it was accepted; `remedy`: of that code, if it has one. `changes`: resource id ->
    Create, Modify, Delete, ... as what-if predicts.
    """

    code: str = ""
    message: str = ""
    is_policy: bool = False
    remedy: str = ""
    changes: dict[str, str] = Field(default_factory=dict)
