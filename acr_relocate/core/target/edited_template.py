"""An edited template: whether it still belongs to this relocation, and the target that it creates.

The article: "update certain configurations in the template and retry". The edited template is deployed, and the target
is compared with it afterwards.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from acr_relocate.core.errors import InvalidRequest
from acr_relocate.core.findings import Finding
from acr_relocate.core.registry.inventory import Child, Registry
from acr_relocate.core.registry.regions import normalise_location
from acr_relocate.core.registry.resource_ids import ResourceId
from acr_relocate.core.registry.resource_types import REGISTRIES
from acr_relocate.core.request.relocation import RelocationRequest
from acr_relocate.core.target.design import HELD_BACK, Design, design, identity_tags
from acr_relocate.core.target.template import (
    DIAGNOSTICS,
    ENDPOINTS,
    SECRET_PROPERTIES,
    TargetTemplate,
    build_template,
    unresolved_parameters,
)
from acr_relocate.core.target.template_expressions import Opaque, known_parts, value_of

Json = dict[str, Any]
ZONE_GROUPS: Final = f"{ENDPOINTS}/privateDnsZoneGroups"


def target_template(
    exported: Mapping[str, Any] | None, source: Registry, request: RelocationRequest, edited: Json | None
) -> TargetTemplate:
    """Return the edited template if there is one, or else the generated one. Raises InvalidRequest."""
    made = build_template(exported, source, request)
    return made if edited is None else accept(edited, made, source, request)


def target_design(source: Registry, request: RelocationRequest, edited: Json | None) -> Design:
    """Return the target's design: the edited template's if there is one, or else the source's, moved."""
    made = design(source, request)
    if edited is None:
        return made
    registry = read_back(edited, request)
    return made.model_copy(update={"registry": registry, "deferred": _still_there(made.deferred, registry)})


def _still_there(deferred: Json, registry: Registry) -> Json:
    """Return the deferred settings, without tasks and webhooks that the edited template omits."""
    kept: Json = {}
    for kind in ("tasks", "webhooks"):
        names = {child.name for child in registry.children_of(kind)}
        kept[kind] = {name: later for name, later in deferred.get(kind, {}).items() if name in names}
    return {name: value for name, value in (deferred | kept).items() if value}


def accept(edited: Json, made: TargetTemplate, source: Registry, request: RelocationRequest) -> TargetTemplate:
    """Return the edited template as it is deployed. Raises InvalidRequest with all its errors.

    The two tags that identify this relocation are always set, whatever the template says.
    """
    wrong = list(_wrong(edited, made, request))
    if wrong:
        listed = "\n  ".join(wrong)
        raise InvalidRequest(
            f"{request.template.path} is not a template for {request.target.name}:\n  {listed}",
            code="EditedTemplate",
            resource=request.target_id,
            remedy="Start again from the file of: acr-relocate plan REQUEST --template-out FILE",
        )
    tags = identity_tags(source, request)
    resources = [
        resource | {"tags": (resource.get("tags") or {}) | tags} if _is_registry(resource) else resource
        for resource in edited["resources"]
    ]
    used, target = edited.get("parameters") or {}, read_back(edited, request)
    return TargetTemplate(
        template=edited | {"resources": resources},
        webhooks=tuple(one for one in made.webhooks if one.service_uri in used),
        deferred=_still_there(made.deferred, target),
        notes=(*made.notes, _edited(request), *_too_early(target)),
    )


def read_back(edited: Json, request: RelocationRequest) -> Registry:
    """Return the registry that the template creates, as far as it is known without Azure."""
    scope, values = _scope(request), _defaults(edited)
    plain = [known_parts(resource, values, scope) for resource in edited["resources"]]
    registry = next(resource for resource in plain if _is_registry(resource))
    groups = [resource for resource in plain if resource["type"].lower() == ZONE_GROUPS.lower()]
    return Registry(
        id=request.target_id,
        name=request.target.name,
        location=normalise_location(registry.get("location", "")),
        sku=(registry.get("sku") or {}).get("name", ""),
        login_server="",
        identity=registry.get("identity"),
        tags=registry.get("tags") or {},
        properties=registry.get("properties") or {},
        children=tuple(_children(plain, groups)),
    )


def _children(resources: list[Json], groups: list[Json]) -> Iterator[Child]:
    for resource in resources:
        kind = _kind(resource["type"])
        if kind is None:
            continue
        name = str(resource["name"]).rpartition("/")[2]
        properties = dict(resource.get("properties") or {})
        if kind == "privateEndpoints":
            properties["privateDnsZoneGroups"] = [
                {"name": group["name"].rpartition("/")[2], "properties": group.get("properties") or {}}
                for group in groups
                if group["name"].rpartition("/")[0] == name
            ]
        yield Child(
            kind=kind,
            name=name,
            location=resource.get("location"),
            properties={key: value for key, value in properties.items() if key not in SECRET_PROPERTIES},
            identity=resource.get("identity"),
            tags=resource.get("tags") or {},
        )


def _kind(resource_type: str) -> str | None:
    """Return the kind of child, or None for the registry, a part of a child, and unrelated resources."""
    others = {DIAGNOSTICS.lower(): "diagnosticSettings", ENDPOINTS.lower(): "privateEndpoints"}
    parent, _, kind = resource_type.rpartition("/")
    return kind if parent.lower() == REGISTRIES.lower() else others.get(resource_type.lower())


def _is_registry(resource: Json) -> bool:
    return str(resource.get("type", "")).lower() == REGISTRIES.lower()


def _wrong(edited: Json, made: TargetTemplate, request: RelocationRequest) -> Iterator[str]:
    """Yield each error in the template."""
    resources = edited.get("resources")
    whole = isinstance(resources, list) and all(
        isinstance(one, dict) and all(isinstance(one.get(key), str) for key in ("type", "apiVersion", "name"))
        for one in resources
    )
    if not whole or resources is None:
        yield "it has no list `resources` of objects with type, apiVersion and name"
        return
    yield from (f"it uses the parameter {name} without declaring it" for name in unresolved_parameters(edited))
    yield from _wrong_registry(edited, request)
    yield from _wrong_parameters(edited, made)
    yield from _secrets(resources)


def _wrong_registry(edited: Json, request: RelocationRequest) -> Iterator[str]:
    values, scope = _defaults(edited), _scope(request)
    registries = [resource for resource in edited["resources"] if _is_registry(resource)]
    if len(registries) != 1:
        yield f"it has {len(registries)} registries instead of one"
        return
    place = normalise_location(str(_value(registries[0].get("location"), values, scope)))
    if place != request.target.location:
        yield f"its registry is in {place}, the request says {request.target.location}"
    for resource in edited["resources"]:
        if str(resource["type"]).lower().startswith(REGISTRIES.lower()):
            name = str(_value(resource["name"], values, scope)).split("/")[0]
            if name.lower() != request.target.name:
                yield f"{resource['type']} {resource['name']} is of {name}, not of {request.target.name}"


def _wrong_parameters(edited: Json, made: TargetTemplate) -> Iterator[str]:
    given = {name for webhook in made.webhooks for name in (webhook.service_uri, webhook.custom_headers)}
    for name, parameter in (edited.get("parameters") or {}).items():
        secure = str(parameter.get("type", "")).lower().startswith("secure")
        if secure and "defaultValue" in parameter:
            yield f"its secure parameter {name} has a default value, so it is not secret"
        elif "defaultValue" not in parameter and name not in given:
            yield f"its parameter {name} has no value; it needs a defaultValue"


def _secrets(resources: list[Json]) -> Iterator[str]:
    for resource in resources:
        for name in SECRET_PROPERTIES & (resource.get("properties") or {}).keys():
            if not str(resource["properties"][name]).startswith("[parameters("):
                yield f"{resource['type']} {resource['name']} has its {name} in clear text; keep the parameter there"


def _too_early(registry: Registry) -> Iterator[Finding]:
    """Yield a finding for each policy that the edited template does not defer."""
    for name, policy in (registry.properties.get("policies") or {}).items():
        if str((policy or {}).get("status", "")).lower() == HELD_BACK.get(name):
            yield Finding(
                code="policy_not_deferred",
                severity="decision",
                message=f"The edited template sets {name} at once; it may delete, hide or lock in imported content.",
                remedy="Leave it out of the template: it is set once the content is verified.",
                resource=registry.id,
            )


def _edited(request: RelocationRequest) -> Finding:
    return Finding(
        code="template_edited",
        severity="note",
        message=f"The target has the edited template {request.template.path} (SHA-256 {request.template.sha256}).",
        remedy="",
        resource=request.target_id,
    )


def _defaults(edited: Json) -> Json:
    """Return the parameters with known values."""
    parameters = edited.get("parameters") or {}
    return {name: one["defaultValue"] for name, one in parameters.items() if "defaultValue" in one}


def _scope(request: RelocationRequest) -> str:
    return ResourceId(request.target_id).group_id


def _value(value: Any, values: Json, scope: str) -> Any:
    try:
        return value_of(value, values, scope)
    except Opaque:
        return value
