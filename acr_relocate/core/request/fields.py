"""The fields of a request: names and ids by Azure's own rules, refused with a message that states the rule."""

from __future__ import annotations

import re
from ipaddress import AddressValueError, IPv4Address
from typing import Annotated, Final, Literal

from pydantic import AfterValidator, Field, StringConstraints

from acr_relocate.core.errors import InvalidRequest
from acr_relocate.core.registry.regions import REGIONS, normalise_region
from acr_relocate.core.registry.rename_map import rename_rules
from acr_relocate.core.request.constrained_text import ConstrainedText

REGISTRY_ID = (
    r"/subscriptions/(?P<subscription_id>[0-9a-f-]{36})/resourceGroups/(?P<resource_group>[^/]+)"
    r"/providers/Microsoft\.ContainerRegistry/registries/(?P<name>[a-z0-9]{5,50})"
)
# A name that is shared by a tenant, a group or a subscription has a hash behind a hyphen (domain name label scope).
_LOGIN_SERVER = re.compile(r"(-[a-z0-9]+)?\.azurecr\.[a-z]+$", re.IGNORECASE)
SUBNET_ID = re.compile(
    r"^/subscriptions/[^/]+/resourceGroups/[^/]+/providers/Microsoft\.Network/virtualNetworks/[^/]+/subnets/[^/]+$",
    re.IGNORECASE,
)
IDENTITY_ID = re.compile(
    r"^/subscriptions/[^/]+/resourceGroups/[^/]+/providers/Microsoft\.ManagedIdentity/userAssignedIdentities/[^/]+$",
    re.IGNORECASE,
)
ENDPOINT_ID = re.compile(
    r"^/subscriptions/[^/]+/resourceGroups/[^/]+/providers/Microsoft\.Network/privateEndpoints/[^/]+$", re.IGNORECASE
)
# `registry`, `registry_data_westeurope`; `registry_westeurope` with regional endpoints.
MEMBER = r"^registry(_data)?(_[a-z0-9]+)?$"


def taken_apart(data: object) -> object:
    """Return the fields of a registry whose `name` is its login server or resource id, and other data unchanged."""
    name = data.get("name") if isinstance(data, dict) else None
    if not isinstance(data, dict) or not isinstance(name, str):
        return data
    if not name.startswith("/"):
        return data | {"name": _LOGIN_SERVER.sub("", name).lower()}
    found = re.fullmatch(REGISTRY_ID, name, re.IGNORECASE)
    if not found:
        raise ValueError(f'name: "{name}" is not the resource id of a registry (/subscriptions/…/registries/NAME)')
    place = found.groupdict()
    others = [
        field for field in ("subscription_id", "resource_group") if data.get(field) not in {None, "", place[field]}
    ]
    if others:
        raise ValueError(f"name: the resource id says another {others[0]} than the request")
    return data | place | {"name": place["name"].lower()}


def _region(region: str) -> str:
    try:
        return normalise_region(region)
    except InvalidRequest as error:
        raise ValueError(error.message) from None


def _region_if_any(region: str) -> str:
    """Return the region as Azure writes it, or an empty string."""
    return _region(region) if region else region


def _subnet(resource_id: str) -> str:
    if not SUBNET_ID.match(resource_id):
        raise ValueError(f'"{resource_id}" is not the resource id of a subnet (/subscriptions/…/subnets/NAME)')
    return resource_id


def _identity(resource_id: str) -> str:
    if not IDENTITY_ID.match(resource_id):
        raise ValueError(f'"{resource_id}" is not the resource id of an identity (/subscriptions/…/NAME)')
    return resource_id


def _endpoint(resource_id: str) -> str:
    if not ENDPOINT_ID.match(resource_id):
        raise ValueError(f'"{resource_id}" is not the resource id of a private endpoint (/subscriptions/…/NAME)')
    return resource_id


def _address(address: str) -> str:
    try:
        return str(IPv4Address(address))
    except AddressValueError:
        raise ValueError(f'"{address}" is not an IPv4 address, which private endpoints of registries have') from None


SAME: Final = "same"
"""The target's name if it is to be the source's. Too short for a registry."""
TargetName = Annotated[
    str,
    ConstrainedText(
        f"{SAME}|[a-z0-9]{{5,50}}",
        "a registry name: 5 to 50 lower-case letters and digits; or same, to keep the name",
    ),
]
Intermediate = Annotated[
    str,
    ConstrainedText("([a-z0-9]{5,50})?", "a registry name: 5 to 50 lower-case letters and digits"),
    Field(
        title="Intermediate registry",
        description="With the name same: the name of the registry in the target's region that holds everything "
        "while the name is free. Empty: a name made of the source's.",
    ),
]
# A user may have the name, the login server, or the resource id from the portal, which is validated when it is taken
# apart.
RegistryReference = Annotated[
    str,
    ConstrainedText(
        r"[a-zA-Z0-9]{5,50}((-[a-zA-Z0-9]+)?\.azurecr\.[a-z]+)?|/subscriptions/.+",
        "a registry name (5 to 50 letters and digits), login server or resource id",
    ),
]
SubscriptionId = Annotated[
    str,
    ConstrainedText(
        "|[0-9a-fA-F]{8}-([0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}",
        "a subscription id, which is a GUID such as 12345678-abcd-1234-abcd-123456789abc",
    ),
]
# Azure's rule (learn.microsoft.com, resource name rules), or empty. Letters of any script.
ResourceGroup = Annotated[
    str,
    ConstrainedText(
        r"([-\w.()]{0,89}[-\w()])?",
        "a resource group name: 1 to 90 letters, digits, and -_.() but no full stop at the end",
    ),
]
VaultName = Annotated[
    str,
    ConstrainedText(
        "([a-zA-Z][a-zA-Z0-9-]{1,22}[a-zA-Z0-9])?",
        "the name of a key vault: 3 to 24 letters, digits and hyphens, from a letter to no hyphen",
    ),
]
Region = Annotated[str, AfterValidator(_region), Field(json_schema_extra={"enum": sorted(REGIONS)})]
RegionIfAny = Annotated[str, AfterValidator(_region_if_any), Field(json_schema_extra={"enum": ["", *sorted(REGIONS)]})]
SubnetId = Annotated[str, AfterValidator(_subnet)]
IdentityId = Annotated[str, AfterValidator(_identity)]
EndpointId = Annotated[str, AfterValidator(_endpoint)]
MemberName = Annotated[str, StringConstraints(pattern=MEMBER)]
PrivateAddress = Annotated[str, AfterValidator(_address)]

RenameRules = Annotated[
    dict[str, str],
    AfterValidator(rename_rules),
    Field(
        title="Rename repositories",
        description="For a repository of the source its name at the target: team/app: platform/app. legacy/** and "
        "archive/legacy/** stand for all below. Others keep their names.",
    ),
]

ReadAllBytes = Annotated[
    bool,
    Field(
        title="Read every byte before the deletion",
        description="Before the source is deleted, read each blob of the target to its last byte. Off: the target is "
        "asked for each blob, and the bytes of a sample are read.",
    ),
]

SmallArtifacts = Annotated[
    Literal["import", "push", "auto"],
    Field(
        title="Small artifacts",
        description="How missing tags of manifests that arrive anyway, and artifacts of few bytes such as signatures, "
        "reach the target. import: by Azure. push: beside the imports over the data plane, which is faster and needs "
        "the right to push there. auto: push if that right is there and the target is ours alone.",
    ),
]
ConcurrentImports = Annotated[
    int,
    Field(
        title="Concurrent imports",
        strict=True,  # or `true` would be 1
        ge=1,
        le=500,
        description="Maximum number of imports in progress. Azure's rate sets the actual number: 10 a second, each "
        "polled after 10 s and, if it is slow, after 20 s, makes 100 to 200.",
    ),
]
ImportTimeout = Annotated[
    int,
    Field(
        title="Import timeout (minutes)",
        strict=True,
        ge=1,
        le=24 * 60,
        description="How long one import may take before the target is asked whether it arrived.",
    ),
]
MaxConcurrentGib = Annotated[
    int,
    Field(
        title="Bytes in progress (GiB)",
        strict=True,
        ge=0,
        le=10_240,
        description="At most so many GiB are copied at once, by the sizes of the images, to spare a source that "
        "production pulls from meanwhile. 0: no such limit.",
    ),
]
ViaReplica = Annotated[
    bool,
    Field(
        title="Import by way of a replica",
        strict=True,
        description="Premium: first make a replica of the source in the target's region, which imports can read "
        "nearby; remove it after them. Rehearse with and without to see whether it helps.",
    ),
]
SmallArtifactKib = Annotated[
    int,
    Field(
        title="Size of a small artifact (KiB)",
        strict=True,
        ge=1,
        le=4096,
        description="An artifact of at most so many KiB, with its blobs, may be pushed.",
    ),
]
