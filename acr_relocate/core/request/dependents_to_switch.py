"""The part of the request that selects the dependents to switch: off unless the request says so."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Final, Literal, get_args

from pydantic import AfterValidator, Field

from acr_relocate.core.model import FormModel
from acr_relocate.core.request.name_patterns import any_pattern, matches_any

SwitchedKind = Literal[
    "container_app",
    "container_app_job",
    "web_app",
    "function_app",
    "cluster",
    "ml_workspace",
    "flux_configuration",
    "downstream_rule",
    "downstream_task",
]
_KINDS: Final[list[SwitchedKind]] = list(get_args(SwitchedKind))
_ALL: Final = ["*"]


NamePattern = Annotated[str, AfterValidator(any_pattern)]
Percent = Annotated[int, Field(strict=True, ge=1, le=99)]


class DependentsToSwitch(FormModel):
    """Which dependents run the target's images instead of the source's after the cut-over, and how."""

    enabled: bool = Field(
        default=False,
        title="Switch dependents",
        description="After a clean verification, point the selected dependents at the target: their images and their "
        "registry entry. Each is proven healthy, or gets its former value again. Off: a manual step for each.",
    )
    kinds: list[SwitchedKind] = Field(
        default=_KINDS,
        title="Kinds",
        description="The kinds of dependents to switch.",
    )
    names: list[NamePattern] = Field(
        default=_ALL,
        title="Names",
        description="Names, patterns such as shop-*, or /regular expressions/ of the resources, without regard to "
        "case.",
    )
    resource_groups: list[NamePattern] = Field(
        default=_ALL,
        title="Resource groups",
        description="Names, patterns or /regular expressions/ of their resource groups, without regard to case.",
    )
    namespaces: list[NamePattern] = Field(
        default=_ALL,
        title="Namespaces",
        description="Of clusters: names, patterns or /regular expressions/ of the namespaces whose workloads are "
        "switched.",
    )
    tags: dict[str, str] = Field(
        default={},
        title="Tags",
        description="Only resources that have each of these tags with this value. An empty value: any value.",
    )
    max_parallel: int = Field(
        default=1,
        title="Dependents at once",
        strict=True,  # or `true` would be 1
        ge=1,
        le=20,
        description="Maximum number of dependents that are switched at the same time.",
    )
    minutes: int = Field(
        default=15,
        title="Healthy within (minutes)",
        strict=True,
        ge=1,
        le=120,
        description="A dependent that is not healthy after so long gets its former value again.",
    )
    traffic_steps: list[Percent] = Field(
        default=[],
        title="Traffic in steps (percent)",
        description="For apps with several active revisions: the shares of the traffic that the new revision gets, "
        "one after another, such as 10, 50, before it gets all of it.",
    )
    swap_slot: str = Field(
        default="",
        title="Swap with slot",
        max_length=59,
        pattern=r"^[A-Za-z0-9-]*$",
        description="The name of a deployment slot, such as staging. An app whose slot runs the same images is "
        "switched there first, and the slot is swapped with the app once it is healthy. Empty: each is switched in "
        "place.",
    )
    stop_at_first_failure: bool = Field(
        default=False,
        title="Stop at the first failure",
        description="Switch no further dependent after one has failed. Off: the others continue.",
    )

    def selects(self, kind: str, name: str, group: str, tags: Mapping[str, str]) -> bool:
        """Return whether the request selects a dependent of this kind, name, resource group and tags."""
        return (
            kind in self.kinds
            and matches_any(name.lower(), [_lower(one) for one in self.names])
            and matches_any(group.lower(), [_lower(one) for one in self.resource_groups])
            and all(key in tags and (not value or tags[key] == value) for key, value in self.tags.items())
        )


def _lower(pattern: str) -> str:
    """Return a pattern for names in lower case; a regular expression keeps its classes, and ignores case."""
    return f"/(?i:{pattern[1:-1]})/" if pattern.startswith("/") else pattern.lower()
