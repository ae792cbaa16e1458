"""Other registries that pull from this one: by a cache rule, or in what a task of theirs builds and runs."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from acr_relocate.core.dependencies.context import MapContext, az, entry_of
from acr_relocate.core.dependencies.model import Dependency
from acr_relocate.core.dependencies.raw_surroundings import Json, properties, readable_items
from acr_relocate.core.registry.inventory import Registry
from acr_relocate.core.registry.mentions import names_of, texts_in
from acr_relocate.core.registry.resource_ids import ResourceId


def downstream_dependencies(scene: MapContext) -> Iterator[Dependency]:
    """Yield the cache rules and tasks of other registries that name this one."""
    for entry in readable_items(scene.around.downstream):
        yield (_task if "/tasks/" in entry["id"].lower() else _cache_rule)(scene, entry)


def pulls_from(entry: Json, registry: Registry) -> bool:
    """Return whether a cache rule fills its repositories from the registry, or a task names it; not of its own."""
    is_own = entry["id"].lower().startswith(f"{registry.id.lower()}/")
    named = names_of(registry)
    return not is_own and any(named.search(text) for _, text in texts_in(properties(entry)))


def _cache_rule(scene: MapContext, entry: Json) -> Dependency:
    own, options = properties(entry), _options(scene, entry)
    source = str(own.get("sourceRepository") or "").partition("/")[2]
    credentials = str(own.get("credentialSetResourceId") or "")
    return entry_of(
        "downstream_rule",
        entry,
        f"of the registry {options['registry']}: it fills {own.get('targetRepository')} from {source}",
        "Resource Manager",
        "re-created",
        "manual: the source of a cache rule cannot be changed; cached content stays",
        f"{az('acr cache delete', **options, yes=True)}\n"
        + az(
            "acr cache create",
            **options,
            source_repo=f"{scene.login_server}/{source}",
            target_repo=own.get("targetRepository"),
            cred_set=ResourceId(credentials).name or None,
        ),
    )


def _task(scene: MapContext, entry: Json) -> Dependency:
    options = _options(scene, entry)
    return entry_of(
        "downstream_task",
        entry,
        f"of the registry {options['registry']}: an image that it builds or runs is of this registry",
        "Resource Graph",
        "manual",
        "manual: name the target in its steps, its base images and the registries that it signs in to",
        az("acr task show", **options, output="yaml") + f"  # where it says {scene.registry.login_server}",
    )


def _options(scene: MapContext, entry: Json) -> dict[str, Any]:
    above = str(entry["id"]).partition("/tasks/")[0].partition("/cacheRules/")[0]
    where = scene.where(above)
    return where | {"registry": where["name"], "name": str(entry["name"]).rpartition("/")[2]}
