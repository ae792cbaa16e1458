"""The Azure actions that a switch of a dependent needs, and its restoring as well."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from acr_relocate.core.registry.resource_ids import ResourceId
from acr_relocate.core.registry.resource_types import REGISTRIES as _REGISTRIES
from acr_relocate.core.switching.facts import SwitchedDependent

_APP: Final = ("read", "write", "revisions/read")
_JOB: Final = ("read", "write")
_RULE: Final = ("read", "pull/read", "cacheRules/read", "cacheRules/write", "cacheRules/delete")
_CLUSTER: Final = ("read", "runCommand/action", "commandResults/read")
_SITE: Final = ("read", "config/read", "config/write", "config/list/action", "instances/read", "sitecontainers/read")


def rights_to_switch(former: SwitchedDependent) -> Iterator[tuple[str, str]]:
    """Yield each action with the resource at which it must be granted."""
    place = former.dependent_id
    match former.kind:
        case "container_app":
            yield from ((place, f"Microsoft.App/containerApps/{action}") for action in _APP)
        case "container_app_job":
            yield from ((place, f"Microsoft.App/jobs/{action}") for action in _JOB)
        case "web_app" | "function_app":
            yield from _of_site(former)
        case "cluster":
            yield from ((place, f"Microsoft.ContainerService/managedClusters/{action}") for action in _CLUSTER)
        case "ml_workspace":
            yield from ((place, f"Microsoft.MachineLearningServices/workspaces/{verb}") for verb in _JOB)
        case "flux_configuration":
            yield from ((place, f"Microsoft.KubernetesConfiguration/fluxConfigurations/{verb}") for verb in _JOB)
        case "downstream_rule":
            registry = place.partition("/cacheRules/")[0]
            yield from ((registry, f"{_REGISTRIES}/{action}") for action in _RULE)
            yield ResourceId(place).subscription_id, "Microsoft.Insights/eventtypes/values/read"
        case "downstream_task":
            registry = place.partition("/tasks/")[0]
            yield from ((registry, f"{_REGISTRIES}/tasks/{verb}") for verb in _JOB)


def _of_site(former: SwitchedDependent) -> Iterator[tuple[str, str]]:
    app = former.dependent_id.partition("/slots/")[0]
    is_slot = app != former.dependent_id
    own = "Microsoft.Web/sites/slots" if is_slot else "Microsoft.Web/sites"
    for kind in (own, "Microsoft.Web/sites/slots") if former.slot else (own,):
        yield from ((app, f"{kind}/{action}") for action in _SITE)
        yield app, f"{kind}/sitecontainers/write"
    if former.slot:
        yield app, "Microsoft.Web/sites/slotsswap/action"
