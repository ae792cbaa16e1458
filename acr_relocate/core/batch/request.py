"""The input of a batch: a list of requests, or a query with naming rules; and the order."""

from __future__ import annotations

from string import Formatter
from typing import Annotated, Any, Final, Literal

from pydantic import AfterValidator, Field, ValidationError, model_validator

from acr_relocate.core.errors import InvalidRequest
from acr_relocate.core.model import FormModel
from acr_relocate.core.request.consolidation import Consolidation
from acr_relocate.core.request.constrained_text import ConstrainedText
from acr_relocate.core.request.fields import Region, RegionIfAny, SubscriptionId
from acr_relocate.core.request.maintenance_window import Window
from acr_relocate.core.request.registry_refs import TargetRef
from acr_relocate.core.request.relocation import RelocationRequest
from acr_relocate.core.request.validation_messages import explain

_PLACEHOLDERS: Final = ("name", "resource_group", "location", "target_location")
AfterFailure = Literal["finish_wave", "continue", "stop"]


def _pattern(pattern: str) -> str:
    try:
        fields = [
            f"{field}{'!' if conversion else ''}{conversion or ''}{':' if spec else ''}{spec}"
            for _, field, spec, conversion in Formatter().parse(pattern)
            if field is not None
        ]
    except ValueError as error:
        raise ValueError(f'"{pattern}" is not a pattern: {error}') from None
    if unknown := [field for field in fields if field not in _PLACEHOLDERS]:
        known = ", ".join(f"{{{name}}}" for name in _PLACEHOLDERS)
        raise ValueError(f'"{pattern}" names {{{unknown[0]}}}; there are {known}')
    return pattern


Pattern = Annotated[str, AfterValidator(_pattern)]


class Query(FormModel):
    """The registries to find with Azure Resource Graph. All given fields must match."""

    subscription_ids: list[SubscriptionId] = Field(
        default=[],
        title="Subscriptions",
        description="The GUIDs of the subscriptions to look in. Empty: no search.",
    )
    resource_groups: list[str] = Field(
        default=[],
        title="Resource groups",
        description="Names or patterns such as shop-*. Empty: any.",
    )
    locations: list[Region] = Field(
        default=[],
        title="Regions",
        description="The regions to move away from, such as westeurope. Empty: any but the target's.",
    )
    tags: dict[str, str] = Field(
        default={},
        title="Tags",
        description="Tags that a registry has, with their values; * stands for any value.",
    )


class Naming(FormModel):
    """The target of each registry that the query finds, and its name there."""

    location: RegionIfAny = Field(default="", title="Region", description="The Azure region to move to.")
    name: Pattern = Field(
        default="{name}{target_location}",
        title="Registry names",
        description="A pattern of {name}, {resource_group}, {location} and {target_location}.",
    )
    resource_group: Pattern = Field(
        default="{resource_group}-{target_location}",
        title="Resource groups",
        description="A pattern of the same.",
    )
    subscription_id: SubscriptionId = Field(
        default="",
        title="Subscription id",
        description="The target's subscription. Empty: that of each source.",
    )


class IntoOneTarget(Consolidation):
    """Several registries to move into one target, one after another."""

    target: TargetRef = Field(title="Target registry", description="The registry to move all of them to.")


class Wave(FormModel):
    """Registries to move before those of the next wave."""

    name: str = Field(title="Name", min_length=1, description="Such as canaries.")
    registries: list[str] = Field(
        title="Registries",
        min_length=1,
        description="Names of source registries, or patterns such as test*.",
    )


BatchName = Annotated[
    str,
    ConstrainedText(
        "[a-z0-9][a-z0-9-]{0,39}", "a batch name: up to 40 lower-case letters, digits and hyphens, no hyphen first"
    ),
]


class BatchRequest(FormModel):
    """Move many registries, each by a run of its own."""

    name: BatchName = Field(
        title="Name",
        description="Lower-case letters, digits and hyphens. A batch with the name of an earlier one continues it.",
    )
    requests: list[RelocationRequest] = Field(
        default=[], title="Registries", description="One request for each registry."
    )
    consolidations: list[IntoOneTarget] = Field(
        default=[],
        title="Several into one",
        description="Registries to move into one target, each below a prefix, with the options below.",
    )
    query: Query = Field(
        default=Query(),
        title="Query",
        description="Or a search for registries. A registry that a request names is not searched for again.",
    )
    naming: Naming = Field(
        default=Naming(),
        title="Naming rules",
        description="Target and names of the registries that the query finds.",
    )
    options: dict[str, Any] = Field(
        default={},
        title="Options",
        description="Fields of the request of each registry that the query finds, or that is moved into a target with "
        "others, such as approvals or selection.",
    )
    waves: list[Wave] = Field(
        default=[],
        title="Waves",
        description="In this order; registries in no wave come last. The first wave that matches counts.",
    )
    max_parallel: int = Field(
        default=5,
        strict=True,
        ge=1,
        le=100,
        title="At once",
        description="Maximum number of registries in progress. One that waits for approval does not count.",
    )
    after_failure: AfterFailure = Field(
        default="finish_wave",
        title="After a failure",
        description="finish_wave: finish the wave, start no other. continue: start the next wave all the same. "
        "stop: start nothing more.",
    )
    window: Window = Field(
        default=Window(),
        title="Maintenance window",
        description="When a cut-over may begin, for registries that have no window of their own.",
    )

    @model_validator(mode="after")
    def _names_registries(self) -> BatchRequest:
        if not (self.requests or self.consolidations or self.query.subscription_ids):
            raise ValueError("a batch needs requests, consolidations, or a query with subscription_ids")
        if any(not one.sources for one in self.consolidations):
            raise ValueError("consolidations.sources: give the registries to move")
        if self.query != Query() and not any(self.query.subscription_ids):
            raise ValueError("query.subscription_ids: give the subscriptions to search")
        if self.query.subscription_ids and not self.naming.location:
            raise ValueError("naming.location: give the region to move the registries to")
        return self


def parse_batch(data: object) -> BatchRequest:
    """Return the batch in `data` (from YAML, JSON or a form). Raises InvalidRequest with all errors."""
    if not isinstance(data, dict):
        raise InvalidRequest("The batch is not a mapping with the fields name and requests or query.")
    try:
        return BatchRequest.model_validate(data)
    except ValidationError as error:
        raise InvalidRequest(explain(error, BatchRequest)) from None
