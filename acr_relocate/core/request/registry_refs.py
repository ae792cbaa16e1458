"""The two registries of a request: where the content is, and where it goes."""

from __future__ import annotations

from pydantic import Field, model_validator

from acr_relocate.core.model import FormModel
from acr_relocate.core.registry.resource_ids import registry_id
from acr_relocate.core.request.fields import (
    Intermediate,
    Region,
    RegistryReference,
    ResourceGroup,
    SubscriptionId,
    TargetName,
    taken_apart,
)


class RegistryRef(FormModel):
    """A registry: its name, login server or resource id; or its name and place, which saves a search."""

    name: RegistryReference = Field(
        title="Registry",
        description="Its name, login server or Azure resource id.",
        examples=["myregistry", "myregistry.azurecr.io"],
    )
    resource_group: ResourceGroup = Field(
        default="",
        title="Resource group",
        description="The resource group that the registry is in. Optional. Discovered if empty.",
    )
    subscription_id: SubscriptionId = Field(
        default="",
        title="Subscription id",
        description="The subscription's GUID. Optional. Discovered if empty, as far as the worker may read.",
    )

    @model_validator(mode="before")
    @classmethod
    def _taken_apart(cls, data: object) -> object:
        return taken_apart(data)

    @property
    def is_located(self) -> bool:
        """Return whether subscription and resource group are known."""
        return bool(self.subscription_id and self.resource_group)

    @property
    def resource_id(self) -> str:
        """Return the registry's Azure resource id."""
        return registry_id(self.subscription_id, self.resource_group, self.name)


class TargetRef(FormModel):
    """The target registry, and its region."""

    name: TargetName = Field(
        title="Name",
        description="5 to 50 lower-case letters and digits. Names are global in a cloud: it cannot be the source's. "
        "same: the command keep-name takes the source's again, after its deletion.",
        examples=["myregistrynorth", "same"],
    )
    location: Region = Field(title="Region", description="The Azure region to move to.")
    resource_group: ResourceGroup = Field(
        default="",
        title="Resource group",
        description="The resource group for the target registry, created if it does not exist. Empty: the source's.",
    )
    subscription_id: SubscriptionId = Field(
        default="",
        title="Subscription id",
        description="The subscription's GUID. Empty: the source's.",
    )
    intermediate: Intermediate = ""
