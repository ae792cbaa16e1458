"""The checks before anything is changed: each finds its violation, says it once, and finds nothing else."""

from collections.abc import Callable
from typing import Any

import pytest

from acr_relocate.core.checks import (
    PREFLIGHT,
    Evidence,
    Lock,
    NameAvailability,
    PermissionSet,
    RegionOffer,
    Subnet,
    Unknown,
    evaluate,
)
from acr_relocate.core.inventory import Attributes
from acr_relocate.core.plan_id import PLAN_TAG, plan_id
from tests.builders import (
    SUBSCRIPTION,
    child,
    content,
    digest,
    image,
    index,
    registry,
    repository,
    request,
    target_ref,
)

SUBNETS = f"/subscriptions/{SUBSCRIPTION}/resourceGroups/net/providers/Microsoft.Network/virtualNetworks"
WEST, NORTH = f"{SUBNETS}/west/subnets/apps", f"{SUBNETS}/north/subnets/apps"
TARGET_GROUP = f"/subscriptions/{SUBSCRIPTION}/resourceGroups/contoso-north"
OWNER = (PermissionSet(actions=("*",)),)
READER = (PermissionSet(actions=("*/read",)),)
GOOD_SUBNET = Subnet(id=NORTH, location="northeurope", service_endpoints={"Microsoft.ContainerRegistry": "Succeeded"})
MANY = [f"platform {number}" for number in range(51)]


def evidence(**fields: Any) -> Evidence:
    """Evidence in which nothing is wrong, but for the given fields."""
    good: dict[str, Any] = {
        "request": request(),
        "source": registry(),
        "target": None,
        "name": NameAvailability(available=True),
        "region": RegionOffer(registries=True, zones=("1", "2", "3")),
        "locks": (),
        "providers": {SUBSCRIPTION: "Registered"},
        "permissions": {registry().id: OWNER, TARGET_GROUP: OWNER},
        "content": content(repository("app", image("a"), v1="a")),
    }
    return Evidence(**(good | fields))


def with_subnet(subnet: Any) -> Evidence:
    rules = {"defaultAction": "Deny", "virtualNetworkRules": [{"id": WEST}]}
    return evidence(
        request=request(subnets={WEST: NORTH}),
        source=registry(properties={"networkRuleSet": rules}),
        subnets={NORTH: subnet},
    )


def our_target(**fields: Any) -> Any:
    return registry("contosoregistryne", tags={PLAN_TAG: plan_id(request())}, location="northeurope", **fields)


def holding(*manifests: Any, **attributes: Any) -> Evidence:
    return evidence(content=content(repository("app", *manifests, **attributes)))


LOCKED = Attributes(read_enabled=False)
VIOLATIONS: dict[str, tuple[Evidence, list[str]]] = {
    "nothing is wrong": (evidence(), []),
    "our own target is there, so its name is taken by us": (
        evidence(target=our_target(), name=NameAvailability(available=False)),
        [],
    ),
    "the subnet is ready": (with_subnet(GOOD_SUBNET), []),
    "a foreign registry is at the target": (
        evidence(target=registry("contosoregistryne")),
        ["target_holds_another_relocation"],
    ),
    "another relocation is at the target": (
        evidence(target=registry("contosoregistryne", tags={PLAN_TAG: "0123456789ab"})),
        ["target_holds_another_relocation"],
    ),
    "the name is taken": (evidence(name=NameAvailability(available=False)), ["name_taken"]),
    "the region has no registries": (evidence(region=RegionOffer(registries=False)), ["region_lacks_registries"]),
    "the region has no zones and the source is zone redundant": (
        evidence(
            request=request(target=target_ref(location="northcentralus")),
            source=registry(properties={"zoneRedundancy": "Enabled"}),
            region=RegionOffer(registries=True),
        ),
        ["region_lacks_zones"],
    ),
    "the region has no zones and nobody needs them": (
        evidence(request=request(target=target_ref(location="northcentralus")), region=RegionOffer(registries=True)),
        [],
    ),
    "the same region": (evidence(request=request(target=target_ref(location="westeurope"))), ["same_region"]),
    "a provider is not registered": (
        evidence(providers={SUBSCRIPTION: "NotRegistered"}),
        ["provider_not_registered"],
    ),
    "a reader wants to relocate": (
        evidence(permissions={registry().id: OWNER, TARGET_GROUP: READER}),
        ["permission_missing"] * 3,
    ),
    "a permission is taken away again": (
        evidence(permissions={registry().id: (PermissionSet(actions=("*",), not_actions=("*/pull/read",)),)}),
        ["permission_missing"],
    ),
    "the addresses of webhooks may not be read": (
        evidence(
            source=registry("contosoregistry", child("webhooks", "w", "northeurope")),
            permissions={registry().id: (PermissionSet(actions=("Microsoft.ContainerRegistry/*/read",)),)},
        ),
        ["permission_missing"],
    ),
    "a lock is on the target's group": (
        evidence(locks=(Lock(scope=TARGET_GROUP, name="keep", level="ReadOnly"),)),
        ["read_only_lock"],
    ),
    "a lock is on the whole subscription": (
        evidence(locks=(Lock(scope=f"/subscriptions/{SUBSCRIPTION}", name="keep", level="ReadOnly"),)),
        ["read_only_lock"],
    ),
    "a lock on the source stops nothing if it has no webhooks": (
        evidence(locks=(Lock(scope=registry().id, name="keep", level="ReadOnly"),)),
        [],
    ),
    "a lock against deletion stops nothing": (
        evidence(locks=(Lock(scope=TARGET_GROUP, name="keep", level="CanNotDelete"),)),
        [],
    ),
    "a subnet is not mapped": (
        evidence(source=registry(properties={"networkRuleSet": {"virtualNetworkRules": [{"id": WEST}]}})),
        ["virtual_network_rule_without_mapping"],
    ),
    "a subnet does not exist": (with_subnet(None), ["subnet_missing"]),
    "a subnet has no service endpoint": (
        with_subnet(Subnet(id=NORTH, location="northeurope")),
        ["subnet_lacks_service_endpoint"],
    ),
    "a service endpoint is still being made": (
        with_subnet(GOOD_SUBNET.model_copy(update={"service_endpoints": {"Microsoft.ContainerRegistry": "Updating"}})),
        ["subnet_lacks_service_endpoint"],
    ),
    "a subnet is in another region": (
        with_subnet(GOOD_SUBNET.model_copy(update={"location": "westeurope"})),
        ["subnet_in_another_region"],
    ),
    "trusted services are kept out of a restricted source": (
        evidence(
            source=registry(properties={"publicNetworkAccess": "Disabled", "networkRuleBypassOptions": "None"}),
        ),
        ["trusted_services_kept_out"],
    ),
    "trusted services are kept out of a restricted target": (
        evidence(
            target=our_target(
                properties={"networkRuleSet": {"defaultAction": "Deny"}, "networkRuleBypassOptions": "None"}
            )
        ),
        ["trusted_services_kept_out"],
    ),
    "no bypass is needed for an open registry": (
        evidence(source=registry(properties={"networkRuleBypassOptions": "None"})),
        [],
    ),
    "exports are disabled": (
        evidence(source=registry(properties={"policies": {"exportPolicy": {"status": "disabled"}}})),
        ["export_disabled"],
    ),
    "an index is too large": (
        holding(index("huge", *MANY), *(image(name) for name in MANY), v1="huge"),
        ["index_beyond_import_limit"],
    ),
    "a repository may not be read": (holding(image("a"), v1="a", attributes=LOCKED), ["read_locked"]),
    "a manifest may not be read": (holding(image("a", attributes=LOCKED), v1="a"), ["read_locked"]),
    "a schema 1 image": (
        holding(image("a").model_copy(update={"media_type": "application/vnd.docker.distribution.manifest.v1+json"})),
        ["schema1_manifest"],
    ),
    "a customer-managed key": (
        evidence(
            source=registry(
                properties={"encryption": {"status": "Enabled", "keyVaultProperties": {"keyIdentifier": "https://k"}}}
            )
        ),
        ["customer_managed_key_needs_decision"],
    ),
    "a connected registry": (
        evidence(source=registry("contosoregistry", child("connectedRegistries", "edge"))),
        ["by_hand"],
    ),
    "a Standard registry": (evidence(source=registry(sku="Standard")), ["not_premium"]),
}


@pytest.mark.parametrize(("given", "expected"), VIOLATIONS.values(), ids=VIOLATIONS)
def test_violation_is_found_and_nothing_else(given: Evidence, expected: list[str]) -> None:
    """Exactly the planted violation, with a message and a remedy."""
    findings = evaluate(PREFLIGHT, given)

    assert [finding.code for finding in findings] == expected
    assert all(finding.message and finding.remedy for finding in findings)


UNREADABLE: dict[str, Callable[[Unknown], Evidence]] = {
    "target": lambda unknown: evidence(target=unknown),
    "name": lambda unknown: evidence(name=unknown),
    "region": lambda unknown: evidence(region=unknown),
    "locks": lambda unknown: evidence(locks=unknown),
    "providers": lambda unknown: evidence(providers=unknown),
    "permissions": lambda unknown: evidence(permissions={TARGET_GROUP: unknown}),
    "subnet": with_subnet,
}


@pytest.mark.parametrize("make", UNREADABLE.values(), ids=UNREADABLE)
def test_what_could_not_be_read_is_said_and_never_taken_for_absent(make: Callable[[Unknown], Evidence]) -> None:
    """One warning with the reason, and no conclusion."""
    findings = evaluate(PREFLIGHT, make(Unknown(reason="403 AuthorizationFailed")))

    assert [finding.code for finding in findings] == ["could_not_be_read"]
    assert "403 AuthorizationFailed" in findings[0].message


def test_content_that_could_not_be_listed_blocks() -> None:
    """An unknown content is never an empty one."""
    [finding] = evaluate(PREFLIGHT, evidence(content=Unknown(reason="client with IP 1.2.3.4 is not allowed access")))

    assert (finding.code, finding.severity) == ("listing_incomplete", "blocker")


def test_all_findings_are_returned_gravest_first() -> None:
    """A registry with four things wrong gets four findings in one run."""
    findings = evaluate(
        PREFLIGHT,
        evidence(
            request=request(target=target_ref(location="westeurope")),
            source=registry(sku="Standard"),
            name=NameAvailability(available=False),
            content=content(repository("app", image("a", attributes=LOCKED), v1="a")),
        ),
    )

    assert [finding.severity for finding in findings] == ["blocker", "decision", "warning", "note"]


def test_index_finding_names_the_digest() -> None:
    """The operator can look at it."""
    [finding] = evaluate(PREFLIGHT, VIOLATIONS["an index is too large"][0])

    assert finding.resource == f"app@{digest('huge')}"


def test_every_check_is_named_and_explained() -> None:
    """The chain is a specification that a person can read."""
    names = [check.__name__ for check in PREFLIGHT]

    assert len(set(names)) == len(names)
    assert all(check.__doc__ for check in PREFLIGHT)


def test_evidence_survives_json() -> None:
    """A task returns it: unknown stays unknown, absent stays absent."""
    given = evidence(locks=Unknown(reason="403"), subnets={NORTH: None, WEST: Unknown(reason="404?")})

    assert Evidence.model_validate_json(given.model_dump_json()) == given
