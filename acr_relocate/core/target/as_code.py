"""An existing registry as infrastructure code: its resources with the settings that they have, each with its id.

Deployed onto the registry, the code changes nothing. It has no secret: the address and the headers of a webhook are
parameters, the passwords of tokens are not part of a token's definition.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final

from acr_relocate.core.findings import Finding
from acr_relocate.core.registry.inventory import Child, Registry
from acr_relocate.core.registry.managed_identities import portable_identity
from acr_relocate.core.registry.resource_ids import ResourceId
from acr_relocate.core.registry.resource_types import PREVIEW_ONLY, REGISTRIES, writable_properties
from acr_relocate.core.registry.spelling import says
from acr_relocate.core.request.registry_refs import RegistryRef, TargetRef
from acr_relocate.core.request.relocation import RelocationRequest
from acr_relocate.core.target.children import REWRITES, Move, api_version, rewrite_child
from acr_relocate.core.target.children.move import carried
from acr_relocate.core.target.design import subnet_ids, subnet_rules
from acr_relocate.core.target.template import DIAGNOSTICS, ENDPOINTS

Json = dict[str, Any]
_Key = tuple[str, str, str]
_REGISTRY: Final = "registry"
_EXTENSIONS: Final = frozenset({DIAGNOSTICS})


@dataclass(frozen=True)
class Parameter:
    """A parameter in place of a value that Azure does not show. `is_object`: a map of texts, otherwise a text."""

    name: str
    is_object: bool = False


@dataclass(frozen=True)
class CodeResource:
    """A resource in code. `symbol` names it there; `parent` is the symbol of its parent or, of an extension, its scope.

    `values`: the fields beside name, location, tags and identity, such as `sku` and `properties`. `after`: symbols of
    resources that come first.
    """

    symbol: str
    id: str
    type: str
    api_version: str
    name: str
    values: Json
    location: str | None = None
    tags: dict[str, str] = field(default_factory=dict)
    identity: Json | None = None
    parent: str = ""
    after: tuple[str, ...] = ()

    @property
    def is_extension(self) -> bool:
        """Return whether its scope is another resource, in whose type it has no part."""
        return self.type in _EXTENSIONS

    @property
    def parameters(self) -> Iterator[Parameter]:
        """Yield the parameters among its values."""
        properties = self.values.get("properties") or {}
        return (value for value in properties.values() if isinstance(value, Parameter))


@dataclass(frozen=True)
class RegistryCode:
    """A registry with all its resources, and what is left out, with the reason."""

    resources: tuple[CodeResource, ...]
    left_out: tuple[Finding, ...] = ()


def registry_code(registry: Registry, request: RelocationRequest) -> RegistryCode:
    """Return the registry and the children that a relocation would create, as they are.

    Args:
        registry: The registry as Azure shows it.
        request: Any relocation; only its place is replaced by the registry's own.

    """
    move, symbols = Move(registry, _in_place(registry, request)), _symbols(registry)
    resources, left_out = [_registry(registry)], list[Finding]()
    for child in sorted(registry.children, key=_order):
        there, notes = rewrite_child(child, move)
        if there is None:
            left_out += notes
        else:
            resources += _child(child, registry, symbols)
    known = {one.symbol for one in resources}
    kept = (replace(one, after=tuple(symbol for symbol in one.after if symbol in known)) for one in resources)
    return RegistryCode(tuple(kept), tuple(left_out))


def _in_place(registry: Registry, request: RelocationRequest) -> RelocationRequest:
    place = ResourceId(registry.id)
    target = TargetRef(
        subscription_id=registry.subscription_id,
        resource_group=place.group,
        name=registry.name,
        location=registry.location,
    )
    return request.model_copy(update={"source": RegistryRef(name=registry.id), "target": target, "subnets": {}})


def _order(child: Child) -> tuple[int, str]:
    kinds = list(REWRITES)
    return kinds.index(child.kind) if child.kind in kinds else len(kinds), child.name


def _registry(registry: Registry) -> CodeResource:
    properties = _settings(registry)
    return CodeResource(
        symbol=_REGISTRY,
        id=registry.id,
        type=REGISTRIES,
        api_version=registry.api_versions.to_write(properties),
        name=registry.name,
        location=registry.location,
        tags=registry.tags,
        identity=_as_spelled(registry.identity),
        values={"sku": {"name": registry.sku}, "properties": properties},
    )


def _settings(registry: Registry) -> Json:
    """Return the settings that code has, without defaults of which only previews know: a stable version has none."""
    properties = writable_properties("registries", registry.properties)
    for name, default in PREVIEW_ONLY.items():
        if str(properties.get(name) or "").lower() in {default, ""}:
            properties.pop(name, None)
    policies = properties.get("policies") or {}
    if not says((policies.get("softDeletePolicy") or {}).get("status"), "enabled"):
        policies.pop("softDeletePolicy", None)
    if subnets := subnet_ids(registry):
        properties["networkRuleSet"] = properties["networkRuleSet"] | {"virtualNetworkRules": subnet_rules(subnets)}
    return properties


def _as_spelled(identity: Json | None) -> Json | None:
    """Return the identity without what Azure assigns. Its type keeps Azure's spelling: another one is a change."""
    kept = portable_identity(identity)
    return kept | {"type": identity["type"]} if kept and identity else None


def _child(child: Child, registry: Registry, symbols: Mapping[_Key, str]) -> Iterator[CodeResource]:
    """Yield the child; for a private endpoint also its zone groups, resources of their own."""
    kept = carried(child, location=child.location)
    properties, symbol = dict(kept.properties), symbols[_key(child)]
    own_id, kind = f"{registry.id}/{child.kind}/{child.name}", f"{REGISTRIES}/{child.kind}"
    groups: list[Json] = []
    if child.kind == "diagnosticSettings":
        own_id, kind = f"{registry.id}/providers/{DIAGNOSTICS}/{child.name}", DIAGNOSTICS
    if child.kind == "privateEndpoints":
        own_id, kind = str(child.properties["id"]), ENDPOINTS
        groups = properties.pop("privateDnsZoneGroups", None) or []
        properties |= _kept_by_endpoint(child.properties)
    if child.kind == "webhooks":
        properties |= {
            "serviceUri": Parameter(f"{symbol}_serviceUri"),
            "customHeaders": Parameter(f"{symbol}_customHeaders", is_object=True),
        }
    yield CodeResource(
        symbol=symbol,
        id=own_id,
        type=kind,
        api_version=api_version(child),
        name=child.name,
        location=kept.location,
        tags=kept.tags,
        identity=_as_spelled(child.identity),
        values={"properties": properties},
        parent="" if kind == ENDPOINTS else _REGISTRY,
        after=tuple(_siblings(child, symbols)),
    )
    for group in groups:
        yield CodeResource(
            symbol=f"{symbol}_{_identifier(group['name'])}",
            id=f"{own_id}/privateDnsZoneGroups/{group['name']}",
            type=f"{ENDPOINTS}/privateDnsZoneGroups",
            api_version=api_version(child),
            name=group["name"],
            values={"properties": group["properties"]},
            parent=symbol,
        )


def _kept_by_endpoint(properties: Json) -> Json:
    """Return what an endpoint would lose by code without it, and a new one beside it cannot have: its addresses."""
    parts = ("groupId", "memberName", "privateIPAddress")
    fixed = [
        {
            "name": one["name"],
            "properties": {name: one["properties"][name] for name in parts if name in one["properties"]},
        }
        for one in properties.get("ipConfigurations") or ()
    ]
    groups = [{"id": one["id"]} for one in properties.get("applicationSecurityGroups") or ()]
    kept = {
        "ipConfigurations": fixed,
        "applicationSecurityGroups": groups,
        "customNetworkInterfaceName": properties.get("customNetworkInterfaceName"),
    }
    return {name: value for name, value in kept.items() if value}


def _siblings(child: Child, symbols: Mapping[_Key, str]) -> Iterator[str]:
    """Yield the symbols of the resources that must be there before the child."""
    named = {
        "scopeMaps": ResourceId(str(child.properties.get("scopeMapId") or "")).name,
        "credentialSets": ResourceId(str(child.properties.get("credentialSetResourceId") or "")).name,
        "agentPools": str(child.properties.get("agentPoolName") or ""),
    }
    for kind, name in named.items():
        if symbol := symbols.get((kind, name.lower(), "")):
            yield symbol
    if child.kind == "privateEndpoints":
        yield _REGISTRY


def _symbols(registry: Registry) -> dict[_Key, str]:
    """Return a symbol for each child; of names that differ in a sign alone the later ones get a number."""
    symbols: dict[_Key, str] = {}
    for child in sorted(registry.children, key=_order):
        plain = _identifier(f"{child.kind}_{child.name}")
        same = sum(other.partition("__")[0] == plain for other in symbols.values())
        symbols[_key(child)] = f"{plain}__{same + 1}" if same else plain
    return symbols


def _key(child: Child) -> _Key:
    """Return kind and name, and for an endpoint its id: two of different groups may have the same name."""
    own_id = str(child.properties.get("id") or "") if child.kind == "privateEndpoints" else ""
    return child.kind, child.name.lower(), own_id.lower()


def _identifier(name: str) -> str:
    return re.sub(r"[^0-9A-Za-z]+", "_", name)
