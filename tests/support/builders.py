"""Small pieces to build a registry, its content and requests from, so that a test shows only what it is about."""

import hashlib
from collections.abc import Iterable
from typing import Any

from acr_relocate.core.registry.inventory import Attributes, Child, Content, Manifest, Registry, Repository, Tag
from acr_relocate.core.registry.resource_ids import registry_id
from acr_relocate.core.request.registry_refs import RegistryRef, TargetRef
from acr_relocate.core.request.relocation import RelocationRequest
from acr_relocate.core.request.selection import Selection

SUBSCRIPTION = "22222222-2222-2222-2222-222222222222"
INDEX = "application/vnd.oci.image.index.v1+json"
IMAGE = "application/vnd.oci.image.manifest.v1+json"
LOCKED = Attributes(delete_enabled=False, write_enabled=False)


def digest(name: str) -> str:
    """The digest of something that a test knows by name."""
    return f"sha256:{hashlib.sha256(name.encode()).hexdigest()}"


def image(name: str, *, subject: str | None = None, size: int = 1000, attributes: Attributes | None = None) -> Manifest:
    """An image, or with a subject (a name too) a referrer."""
    return Manifest(
        digest=digest(name),
        media_type=IMAGE,
        size=size,
        subject=digest(subject) if subject else None,
        attributes=attributes or Attributes(),
    )


def index(name: str, *children: str, subject: str | None = None) -> Manifest:
    """An index of what has these names."""
    return Manifest(
        digest=digest(name),
        media_type=INDEX,
        children=tuple(digest(child) for child in children),
        subject=digest(subject) if subject else None,
    )


def repository(
    name: str, *manifests: Manifest, attributes: Attributes | None = None, locked: Iterable[str] = (), **tags: str
) -> Repository:
    """A repository with manifests and `tag="name of a manifest"`; the tags named in `locked` are locked."""
    return Repository(
        name=name,
        attributes=attributes or Attributes(),
        manifests=manifests,
        tags=tuple(
            Tag(name=tag, digest=digest(of), attributes=LOCKED if tag in locked else Attributes())
            for tag, of in tags.items()
        ),
    )


def content(*repositories: Repository, login_server: str = "contosoregistry.azurecr.io") -> Content:
    """The content of a registry."""
    return Content(login_server=login_server, repositories=repositories)


def selection(**fields: Any) -> Selection:
    """All content, but for the given fields."""
    return Selection(**fields)


def request(**fields: Any) -> RelocationRequest:
    """From contosoregistry in westeurope to contosoregistryne in northeurope, but for the given fields."""
    defaults: dict[str, Any] = {
        "source": RegistryRef(subscription_id=SUBSCRIPTION, resource_group="contoso-west", name="contosoregistry"),
        "target": target_ref(),
    }
    return RelocationRequest(**(defaults | fields))


def target_ref(**fields: Any) -> TargetRef:
    """The registry contosoregistryne in northeurope, but for the given fields."""
    return TargetRef(
        **({"resource_group": "contoso-north", "name": "contosoregistryne", "location": "northeurope"} | fields)
    )


def registry(name: str = "contosoregistry", *children: Child, properties: Any = None, **fields: Any) -> Registry:
    """A Premium registry in westeurope with Azure's default settings, but for the given properties and fields."""
    group = "contoso-west" if name == "contosoregistry" else "contoso-north"
    defaults: dict[str, Any] = {
        "id": registry_id(SUBSCRIPTION, group, name),
        "name": name,
        "location": "westeurope",
        "sku": "Premium",
        "login_server": f"{name}.azurecr.io",
    }
    return Registry(**(defaults | fields), properties=DEFAULT_PROPERTIES | (properties or {}), children=children)


def child(kind: str, name: str, location: str | None = None, /, **properties: Any) -> Child:
    """A child resource of a registry."""
    return Child(kind=kind, name=name, location=location, properties=properties)


DEFAULT_PROPERTIES: dict[str, Any] = {
    "loginServer": "contosoregistry.azurecr.io",
    "creationDate": "2024-01-01T00:00:00Z",
    "provisioningState": "Succeeded",
    "adminUserEnabled": False,
    "anonymousPullEnabled": False,
    "dataEndpointEnabled": False,
    "encryption": {"status": "disabled"},
    "networkRuleBypassOptions": "AzureServices",
    "networkRuleSet": {"defaultAction": "Allow", "ipRules": []},
    "policies": {
        "azureADAuthenticationAsArmPolicy": {"status": "enabled"},
        "exportPolicy": {"status": "enabled"},
        "quarantinePolicy": {"status": "disabled"},
        "retentionPolicy": {"days": 7, "lastUpdatedTime": "2024-01-01T00:00:00Z", "status": "disabled"},
        "trustPolicy": {"type": "Notary", "status": "disabled"},
    },
    "privateEndpointConnections": [],
    "publicNetworkAccess": "Enabled",
    "roleAssignmentMode": "LegacyRegistryPermissions",
    "zoneRedundancy": "Disabled",
}
