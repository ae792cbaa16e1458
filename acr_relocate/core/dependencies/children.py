"""The registry's child resources, and whether the deployment recreates them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, Final

from acr_relocate.core.dependencies.context import MapContext, az, entry_of, quoted
from acr_relocate.core.dependencies.model import DEPENDENCY_KINDS, Dependency
from acr_relocate.core.registry.inventory import Child
from acr_relocate.core.registry.regions import normalise_location
from acr_relocate.core.registry.resource_ids import ResourceId
from acr_relocate.core.registry.spelling import says


def child_dependencies(scene: MapContext) -> Iterator[Dependency]:
    """Yield the children of the registry that people created; system-made ones need no action."""
    for child in scene.registry.children:
        if child.kind in DEPENDENCY_KINDS and not _is_of_the_system(child):
            yield _child(scene, child)


def _is_of_the_system(child: Child) -> bool:
    is_system_map = child.kind == "scopeMaps" and child.name.startswith("_")
    return is_system_map or bool(child.properties.get("isSystemTask"))


def _child(scene: MapContext, child: Child) -> Dependency:
    shown = {
        "id": f"{scene.registry.id}/{child.kind}/{child.name}",
        "name": child.name,
        "location": child.location or scene.registry.location,
    }
    tie = TIES.get(child.kind, _nothing)(child)
    if child.kind == "replications" and normalise_location(child.location or "") == scene.request.target.location:
        action = "nothing: the target's home is in that region"
        return entry_of(child.kind, shown, tie, "the registry", "retired", action)
    if child.kind == "replications" and normalise_location(child.location or "") == normalise_location(
        scene.registry.location
    ):
        return entry_of(child.kind, shown, tie, "the registry", "retired", "nothing: this is the source's home")
    if child.kind == "tokens" and scene.carried(child):
        return entry_of(child.kind, shown, tie, "the registry", "re-created", *_token(scene, child))
    if scene.carried(child):
        return entry_of(child.kind, shown, tie, "the registry", "re-created", ACTIONS.get(child.kind, DEPLOYS))
    strategy: Any = "manual" if child.kind == "connectedRegistries" else "re-created"
    action, command = BY_HAND.get(child.kind, _unmade)(scene, child)
    return entry_of(child.kind, shown, tie, "the registry", strategy, action, command)


DEPLOYS: Final = "the deployment creates it"
ACTIONS: Final = {
    "webhooks": "the deployment creates it with its address, which is secret and is passed on unseen",
    "credentialSets": "the deployment creates it; its new identity needs access to the key vault",
    "cacheRules": "the deployment creates it before any content is imported",
}


def _token(scene: MapContext, child: Child) -> tuple[str, str]:
    command = az("acr token credential generate", registry=scene.request.target.name, name=child.name, **scene.there)
    return "the deployment creates it; its passwords cannot be read, so generate new ones", command


def _task(scene: MapContext, child: Child) -> tuple[str, str]:
    step, source, target = child.properties.get("step") or {}, scene.registry.name, scene.request.target.name
    options: dict[str, Any] = {"registry": target, "name": child.name} | scene.there
    if says(step.get("type"), "Docker"):
        images = " ".join(f"--image {quoted(image)}" for image in step.get("imageNames") or ())
        token = "$GIT_TOKEN" if str(step.get("contextPath") or "").startswith("https://") else None
        context = {"context": step.get("contextPath") or "/dev/null", "file": step.get("dockerFilePath")}
        command = f"{az('acr task create', **options, **context, schedule=_schedule(child))} {images}".strip()
        command += f' --git-access-token "{token}"' if token else ""
    else:
        file = f"{child.name}.yaml"
        shown = az("acr task show", registry=source, name=child.name, query="step.encodedTaskContent", output="tsv")
        made = az("acr task create", **options, context="/dev/null", file=file, schedule=_schedule(child))
        command = f"{shown} | base64 --decode > {file}\n{made}"
    return "manual: the secrets of a task cannot be read, so somebody who has them creates it", command


def _schedule(child: Child) -> str | None:
    timers = (child.properties.get("trigger") or {}).get("timerTriggers") or ()
    return next((str(timer["schedule"]) for timer in timers if timer.get("schedule")), None)


def _agent_pool(scene: MapContext, child: Child) -> tuple[str, str]:
    tier, count = child.properties.get("tier"), child.properties.get("count")
    options = {"registry": scene.request.target.name, "name": child.name, "tier": tier, "count": count} | scene.there
    command = az("acr agentpool create", **options)
    return "manual: create the pool, if the target's region has agent pools", command


def _connected(scene: MapContext, child: Child) -> tuple[str, str]:
    target, mode = scene.request.target.name, child.properties.get("mode")
    command = az(
        "acr connected-registry create", registry=target, name=child.name, mode=mode, repository="REPOSITORIES"
    )
    return "manual: its parent cannot be changed: create it at the target and install it again on premises", command


def _pipeline(scene: MapContext, child: Child) -> tuple[str, str]:
    side = child.properties.get("target") or child.properties.get("source") or {}
    command = az(
        f"acr {'export' if child.kind == 'exportPipelines' else 'import'}-pipeline create",
        resource_group=ResourceId(scene.target_id).group,
        registry=scene.request.target.name,
        name=child.name,
        secret_uri=side.get("keyVaultUri"),
        storage_container_uri=side.get("uri"),
        **scene.there,
    )
    return "manual: create the pipeline, and give its identity access to the key vault", command


def _unmade(scene: MapContext, child: Child) -> tuple[str, str]:
    shown = az("resource show", ids=f"{scene.registry.id}/{child.kind}/{child.name}")
    return "manual: the deployment leaves it out; the findings say why", f"{shown}  # then make it at the target"


BY_HAND: Final[dict[str, Callable[[MapContext, Child], tuple[str, str]]]] = {
    "tasks": _task,
    "agentPools": _agent_pool,
    "connectedRegistries": _connected,
    "exportPipelines": _pipeline,
    "importPipelines": _pipeline,
}


def _webhook(child: Child) -> str:
    scope = child.properties.get("scope") or "every repository"
    actions = " and ".join(child.properties.get("actions") or ())
    return f"calls an address that is not shown, on {actions} in {scope}"


def _triggers(child: Child) -> str:
    trigger = child.properties.get("trigger") or {}
    named = {"timerTriggers": "schedule", "sourceTriggers": "source", "baseImageTrigger": "base image"}
    found = [name for key, name in named.items() if trigger.get(key)]
    return f"triggered by {' and '.join(found)}" if found else "started manually"


def _nothing(child: Child) -> str:
    del child
    return "part of the registry"


TIES: Final[dict[str, Callable[[Child], str]]] = {
    "webhooks": _webhook,
    "tasks": _triggers,
    "tokens": lambda child: f"limited by {str(child.properties.get('scopeMapId') or '').rpartition('/')[2]}",
    "cacheRules": lambda child: f"caches {child.properties.get('sourceRepository')}",
    "credentialSets": lambda child: f"signs in to {child.properties.get('loginServer')}",
    "scopeMaps": lambda child: f"{len(child.properties.get('actions') or ())} actions",
    "replications": lambda child: f"a copy in {normalise_location(child.location or '')}",
    "connectedRegistries": lambda child: f"on premises, {child.properties.get('mode') or 'ReadWrite'}",
}
