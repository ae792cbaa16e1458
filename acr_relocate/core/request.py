"""The one input of a relocation. It becomes the form in the Prefect UI, and the request file of the command line."""

from __future__ import annotations

import re
from typing import Any

from pydantic import Field

from acr_relocate.core.model import Frozen

GUID = r"^[0-9a-fA-F]{8}-([0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}$"
REGISTRY_NAME = r"^[a-z0-9]{5,50}$"
SUBNET_ID = re.compile(
    r"^/subscriptions/[^/]+/resourceGroups/[^/]+/providers/Microsoft\.Network/virtualNetworks/[^/]+/subnets/[^/]+$",
    re.IGNORECASE,
)


def _position(number: int) -> dict[str, Any]:
    """Where a field stands in the form; Prefect's forms know no other order."""
    return {"position": number}


class RegistryRef(Frozen):
    """A registry, by where it is."""

    subscription_id: str = Field(
        title="Subscription id", description="The subscription's GUID.", pattern=GUID, json_schema_extra=_position(0)
    )
    resource_group: str = Field(
        title="Resource group",
        min_length=1,
        max_length=90,
        json_schema_extra=_position(1),
        description="The resource group that the registry is in.",
    )
    name: str = Field(
        title="Registry name",
        pattern=REGISTRY_NAME,
        json_schema_extra=_position(2),
        description="5 to 50 lower-case letters and digits, without .azurecr.io.",
    )

    @property
    def resource_id(self) -> str:
        """The registry's Azure resource id."""
        return registry_id(self.subscription_id, self.resource_group, self.name)


class TargetRef(Frozen):
    """The registry to be, and its region."""

    resource_group: str = Field(
        title="Resource group",
        min_length=1,
        max_length=90,
        json_schema_extra=_position(0),
        description="The resource group for the target registry. It is created if it does not exist.",
    )
    name: str = Field(
        title="Registry name",
        pattern=REGISTRY_NAME,
        json_schema_extra=_position(1),
        description="5 to 50 lower-case letters and digits. Names are global in a cloud: it cannot be the source's.",
    )
    location: str = Field(
        title="Region", description="The Azure region to move to, such as northeurope.", json_schema_extra=_position(2)
    )
    subscription_id: str = Field(
        default="",
        title="Subscription id",
        pattern=f"^$|{GUID}",
        json_schema_extra=_position(3),
        description="The subscription's GUID. Empty: the source's subscription.",
    )


class Selection(Frozen):
    """Which of the source's content to move. The default is all of it."""

    repositories: list[str] = Field(
        default=["*"],
        title="Repositories",
        json_schema_extra=_position(0),
        description="Names or patterns such as team-a/*. A * also matches slashes.",
    )
    untagged: bool = Field(
        default=True,
        title="Untagged manifests",
        json_schema_extra=_position(1),
        description="Also move manifests without a tag, so that what is pinned by digest goes on working.",
    )
    referrers: bool = Field(
        default=True,
        title="Referrers",
        json_schema_extra=_position(2),
        description="Also move signatures, SBOMs and attestations that refer to an image.",
    )


class RelocationRequest(Frozen):
    """Move one registry to another region."""

    source: RegistryRef = Field(
        title="Source registry", description="The registry to move. It is only read.", json_schema_extra=_position(0)
    )
    target: TargetRef = Field(
        title="Target registry", description="Where to move it to.", json_schema_extra=_position(1)
    )
    selection: Selection = Field(
        default=Selection(), title="Selection", description="Which content to move.", json_schema_extra=_position(2)
    )
    force: bool = Field(
        default=False,
        title="Overwrite tags",
        json_schema_extra=_position(3),
        description="Move a tag of the target that names another digest. Otherwise such a tag is a conflict to report.",
    )
    concurrency: int = Field(
        default=128,
        title="Concurrent imports",
        ge=1,
        le=500,
        json_schema_extra=_position(4),
        description="How many imports may be under way at once.",
    )
    import_timeout_minutes: int = Field(
        default=20,
        title="Import timeout (minutes)",
        ge=1,
        le=24 * 60,
        json_schema_extra=_position(5),
        description="How long one import may take before the target is asked whether it arrived.",
    )
    subnets: dict[str, str] = Field(
        default={},
        title="Subnets",
        json_schema_extra=_position(6),
        description="For each subnet that the source's network rules allow: its resource id, and the target's instead.",
    )

    @property
    def target_subscription_id(self) -> str:
        """The target's subscription: its own, or else the source's."""
        return self.target.subscription_id or self.source.subscription_id

    @property
    def target_id(self) -> str:
        """The target registry's Azure resource id."""
        return registry_id(self.target_subscription_id, self.target.resource_group, self.target.name)


def registry_id(subscription_id: str, resource_group: str, name: str) -> str:
    """Return the Azure resource id of a registry."""
    return (
        f"/subscriptions/{subscription_id}/resourceGroups/{resource_group}"
        f"/providers/Microsoft.ContainerRegistry/registries/{name}"
    )


def parse_request(data: object) -> RelocationRequest:
    """Return the request that `data` (from YAML, JSON or a form) is, or raise InvalidRequest with all that is wrong."""
    return RelocationRequest.model_validate(data)
