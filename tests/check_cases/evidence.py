"""Evidence in which nothing is wrong, and small changes to it."""

from typing import Any, NamedTuple

from acr_relocate.core.checks import (
    Evidence,
    KeyVault,
    NameAvailability,
    PermissionSet,
    RegionOffer,
    Subnet,
    Subscription,
    TargetResourceGroup,
    UserAssignedIdentity,
    Validation,
    VaultKey,
)
from acr_relocate.core.evidence.azure_facts import AddressSpace
from acr_relocate.core.registry.inventory import Child, Registry
from acr_relocate.core.request.identity import PLAN_TAG, plan_id
from tests.support.builders import SUBSCRIPTION, child, content, image, registry, repository, request

SUBNETS = f"/subscriptions/{SUBSCRIPTION}/resourceGroups/net/providers/Microsoft.Network/virtualNetworks"
WEST, NORTH = f"{SUBNETS}/west/subnets/apps", f"{SUBNETS}/north/subnets/apps"
SOURCE_GROUP = f"/subscriptions/{SUBSCRIPTION}/resourceGroups/contoso-west"
TARGET_GROUP = f"/subscriptions/{SUBSCRIPTION}/resourceGroups/contoso-north"
IDENTITY = f"{SOURCE_GROUP}/providers/Microsoft.ManagedIdentity/userAssignedIdentities/puller"
VAULT = f"{SOURCE_GROUP}/providers/Microsoft.KeyVault/vaults/contosokeys"
ENDPOINT = f"{SOURCE_GROUP}/providers/Microsoft.Network/privateEndpoints/pe"
CLIENT, PRINCIPAL = "c0ffee00-0000-0000-0000-000000000001", "c0ffee00-0000-0000-0000-000000000002"
OWNER = (PermissionSet(actions=("*",)),)
READER = (PermissionSet(actions=("*/read",)),)
GOOD_SUBNET = Subnet(id=NORTH, location="northeurope", service_endpoints={"Microsoft.ContainerRegistry": "Succeeded"})
GOOD_VAULT = KeyVault(id=VAULT, location="northeurope", grantees=(PRINCIPAL,), key=VaultKey())
TENANT = "11111111-1111-1111-1111-111111111111"
ENABLED = Subscription(id=SUBSCRIPTION, tenant_id=TENANT, quota_id="EnterpriseAgreement_2014-09-01")
MANY = [f"platform {number}" for number in range(51)]


class Case(NamedTuple):
    """A case: a sentence, the evidence, and the codes of exactly the findings that must come of it."""

    given: str
    evidence: Evidence
    expected: tuple[str, ...] = ()


def evidence(**fields: Any) -> Evidence:
    """Evidence in which nothing is wrong, but for the given fields."""
    good: dict[str, Any] = {
        "request": request(),
        "source": registry(),
        "target": None,
        "name": NameAvailability(available=True),
        "region": RegionOffer(registries=True, zones=("1", "2", "3")),
        "subscriptions": {SUBSCRIPTION: ENABLED},
        "group": TargetResourceGroup(id=TARGET_GROUP, location="northeurope", deployments=3),
        "locks": (),
        "providers": {SUBSCRIPTION: "Registered"},
        "permissions": {
            registry().id: OWNER,
            SOURCE_GROUP: OWNER,
            TARGET_GROUP: OWNER,
            f"/subscriptions/{SUBSCRIPTION}": OWNER,
        },
        "sinks": (),
        "event_subscriptions": (),
        "roles": 0,
        "usage": {"Size": (1000, 536870912000)},
        "validation": Validation(),
        "hidden": (),
        "content": content(repository("app", image("a"), v1="a")),
    }
    return Evidence(**(good | fields))


def source(*children: Child, properties: Any = None, permissions: Any = None, **fields: Any) -> Evidence:
    """Evidence on a source with these children, properties and fields."""
    more = {"permissions": permissions} if permissions is not None else {}
    return evidence(source=registry("contosoregistry", *children, properties=properties, **fields), **more)


def rights(**granted: Any) -> Any:
    """Permissions of an Owner, but for those at `source`, `source_group` or `target_group`."""
    scopes = {"source": registry().id, "source_group": SOURCE_GROUP, "target_group": TARGET_GROUP}
    return {scope: granted.get(name, OWNER) for name, scope in scopes.items()}


def allowed(*actions: str, without: tuple[str, ...] = (), data: tuple[str, ...] = ()) -> tuple[PermissionSet, ...]:
    """One role with these actions."""
    return (PermissionSet(actions=actions or ("*",), not_actions=without, data_actions=data),)


def with_subnet(subnet: Any, **fields: Any) -> Evidence:
    """Evidence in which the request maps a subnet to this one."""
    rules = {"defaultAction": "Allow", "virtualNetworkRules": [{"id": WEST}]}
    given = {
        "request": request(subnets={WEST: NORTH}),
        "source": registry(properties={"networkRuleSet": rules}),
        "subnets": {NORTH: subnet},
    }
    return evidence(**(given | fields))


def encrypted(
    vault: Any = GOOD_VAULT, key: str = "https://contosokeys.vault.azure.net/keys/acr", **fields: Any
) -> Evidence:
    """Evidence on a source with a customer-managed key in this vault. One decision is always to be taken."""
    properties = {"keyIdentifier": key, "identity": CLIENT}
    identity = UserAssignedIdentity(id=IDENTITY, location="northeurope", client_id=CLIENT, principal_id=PRINCIPAL)
    given = {
        "source": registry(
            identity={"type": "UserAssigned", "userAssignedIdentities": {IDENTITY: {}}},
            properties={"encryption": {"status": "enabled", "keyVaultProperties": properties}},
        ),
        "identities": {IDENTITY: identity},
        "vaults": {"contosokeys": vault},
    }
    return evidence(**(given | fields))


def our_target(*children: Child, **fields: Any) -> Registry:
    """The target as this very relocation created it."""
    return registry(
        "contosoregistryne", *children, tags={PLAN_TAG: plan_id(request())}, location="northeurope", **fields
    )


GIVEN = {"registry": "10.20.0.9", "registry_data_northeurope": "10.20.0.10"}
TAKEN = "10.20.0.66"


def fixed(given: dict[str, str] | None = None, **fields: Any) -> Evidence:
    """Evidence on a source whose private endpoint has a fixed address, and on what the request fixes for the target."""
    endpoint = child(
        "privateEndpoints",
        "pe",
        "westeurope",
        id=ENDPOINT,
        subnet={"id": WEST},
        ipConfigurations=[{"name": "one", "properties": {"memberName": "registry", "privateIPAddress": "10.0.0.9"}}],
        privateLinkServiceConnections=[{"name": "pe", "properties": {"groupIds": ["registry"]}}],
    )
    named = {} if given is None else {ENDPOINT.upper().replace("/SUBSCRIPTIONS", "/subscriptions"): given}
    subnets = fields.pop("subnets", {WEST: NORTH})
    space = AddressSpace(prefixes=("10.20.0.0/24",), free={TAKEN: False, "10.20.0.9": True})
    return evidence(
        source=registry("contosoregistry", endpoint),
        request=request(subnets=subnets, static_addresses=named),
        address_spaces={NORTH.lower(): space},
        **fields,
    )


def own_endpoint(address: str) -> Child:
    """The target's private endpoint, with this address for the registry."""
    chosen = [{"name": "registry", "properties": {"memberName": "registry", "privateIPAddress": address}}]
    return child("privateEndpoints", "pe-contosoregistryne", "northeurope", ipConfigurations=chosen)


def holding(*manifests: Any, **attributes: Any) -> Evidence:
    """Evidence on a source with one repository."""
    return evidence(content=content(repository("app", *manifests, **attributes)))
