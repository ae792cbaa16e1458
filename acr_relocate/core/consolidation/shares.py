"""The share of each source in a target with several sources: the settings that hold, and the clashes between them.

Settings are compared as the target would get them from each source: in regions, ids and names of repositories of its
own, with Azure's defaults as unset.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import combinations
from typing import Any, Final

from acr_relocate.core.model import FrozenModel
from acr_relocate.core.registry.inventory import Registry
from acr_relocate.core.registry.rename_map import BELOW
from acr_relocate.core.registry.share import Clash, Share, setting_value
from acr_relocate.core.request.registry_refs import RegistryRef
from acr_relocate.core.request.relocation import RelocationRequest
from acr_relocate.core.target.design import design
from acr_relocate.core.verification.settings import (
    child_settings,
    deferred_settings,
    is_alike,
    is_default_setting,
    registry_settings,
)

Values = Mapping[str, str]

DECIDED_WHOLE: Final = ("encryption", "identity", "networkRuleSet")
"""Settings of several values that one source decides as a whole."""

REQUIRED: Final = frozenset(
    {
        "adminUserEnabled",
        "anonymousPullEnabled",
        "encryption",
        "networkRuleSet",
        "policies.retentionPolicy",
        "policies.softDeletePolicy",
        "publicNetworkAccess",
        "roleAssignmentMode",
        "sku",
    }
)
"""Settings that open a registry or delete from it: no content is put under those of another source unasked."""

REQUIRED_KINDS: Final = frozenset({"scopeMaps", "tokens"})
"""Children that give access, which the target would give to holders of the same name at another source."""

_SHOWN: Final = 120


class SourceSettings(FrozenModel):
    """The settings that the target would get from one source, by group, and the children by kind and name."""

    registry: dict[str, dict[str, str]]
    children: dict[str, dict[str, str]]


def with_share(request: RelocationRequest, registries: Mapping[str, Registry], unread: tuple[str, ...]) -> Registry:
    """Return the request's source with its share, and without the children of which others' come.

    `registries`: those that there are, by name, the source included. `unread`: sources of which that is unknown.
    """
    order = [name for name in request.consolidation.names if name in registries]
    settings = {name: settings_there(part_request(request, name), registries[name]) for name in order}
    clashes = tuple(_clashes(request, settings))
    own, name = registries[request.source.name], request.source.name
    left = tuple(one.setting for one in clashes if "/" in one.setting and name in one.values and one.chosen != name)
    others = {child for other in order if other != name for child in settings[other].children}
    share = Share(
        decided=dict(_decided(own, settings, registries, clashes)),
        left=left,
        beside=tuple(sorted((others - settings[name].children.keys()) | set(left))),
        clashes=clashes,
        unread=unread,
    )
    children = tuple(one for one in own.children if f"{one.kind}/{one.name}" not in left)
    return own.model_copy(update={"share": share, "children": children})


def part_request(request: RelocationRequest, name: str) -> RelocationRequest:
    """Return the request of another source of the same target."""
    if name == request.source.name:
        return request
    part = next(one for one in request.consolidation.sources if one.registry.name == name)
    below = {BELOW: f"{part.prefix}/{BELOW}"}
    return request.model_copy(update={"source": part.registry, "rename": below})


def settings_there(request: RelocationRequest, registry: Registry) -> SourceSettings:
    """Return what the target would get from this source."""
    made = design(registry, request)
    held = {**made.later, **made.deferred}
    whole = registry_settings(made.with_subnets) | dict(
        deferred_settings({name: value for name, value in held.items() if name == "policies"})
    )
    grouped: dict[str, dict[str, str]] = {}
    for name, value in whole.items():
        if name != "location" and not is_default_setting(value, name):
            grouped.setdefault(setting_group(name), {})[name] = value
    children: dict[str, dict[str, str]] = {}
    for name, value in child_settings(made.registry).items():
        child, _, setting = name.partition(".")
        found = children.setdefault(child, {})
        if not (setting and is_default_setting(value, name)):
            found[setting] = value
    return SourceSettings(registry=grouped, children=children)


def setting_group(name: str) -> str:
    """Return the name under which a value is decided: `policies.retentionPolicy` for its days and its status."""
    first, _, rest = name.partition(".")
    if first == "identities":
        return "identity"
    if first == "policies":
        return f"{first}.{rest.partition('.')[0]}"
    return name if first == "tags" or first not in DECIDED_WHOLE else first


def _clashes(request: RelocationRequest, settings: Mapping[str, SourceSettings]) -> Iterator[Clash]:
    """Yield each setting once that is not the same at all sources, then each child with one name and other settings."""
    for group in sorted({group for one in settings.values() for group in one.registry}):
        having = {name: one.registry.get(group, {}) for name, one in settings.items()}
        if group.startswith("tags."):
            having = {name: values for name, values in having.items() if values}
        yield from _clash(request, group, having, is_required=group in REQUIRED)
    for child in sorted({child for one in settings.values() for child in one.children}):
        having = {name: one.children[child] for name, one in settings.items() if child in one.children}
        yield from _clash(request, child, having, is_required=child.partition("/")[0] in REQUIRED_KINDS)


def _clash(
    request: RelocationRequest, setting: str, having: Mapping[str, Values], *, is_required: bool
) -> Iterator[Clash]:
    if all(_is_same(one, other) for one, other in combinations(having.values(), 2)):
        return
    wanted = request.consolidation.decisions.get(setting, "")
    decided = wanted in having
    yield Clash(
        setting=setting,
        values={name: _in_words(setting, values) for name, values in having.items()},
        chosen=wanted if decided else next(iter(having)),
        decided=decided,
        required=is_required and not decided,
    )


def _is_same(one: Values, other: Values) -> bool:
    return one.keys() == other.keys() and all(is_alike(value, other[name]) for name, value in one.items())


def _in_words(setting: str, values: Values) -> str:
    said = [value if name in {setting, ""} else f"{name.rpartition('.')[2]}: {value}" for name, value in values.items()]
    text = ", ".join(one for one in said if one) or "not set"
    return text if len(text) <= _SHOWN else f"{text[: _SHOWN - 1]}…"


def _decided(
    own: Registry,
    settings: Mapping[str, SourceSettings],
    registries: Mapping[str, Registry],
    clashes: tuple[Clash, ...],
) -> Iterator[tuple[str, Any]]:
    """Yield the settings of the target that are not this source's, as the source shows them whose value holds."""
    for clash in clashes:
        if "/" not in clash.setting and clash.chosen != own.name:
            yield clash.setting, _raw(registries[clash.chosen], clash.setting)
    clashing = {clash.setting for clash in clashes}
    for name in settings:
        for group in settings[name].registry:
            if group.startswith("tags.") and group not in settings[own.name].registry and group not in clashing:
                yield group, _raw(registries[name], group)


def _raw(registry: Registry, setting: str) -> Any:
    if setting == "sku":
        return registry.sku
    if setting == "identity":
        return registry.identity
    if setting.startswith("tags."):
        tags = {name.lower(): value for name, value in registry.tags.items()}
        return tags[setting.removeprefix("tags.")]
    return setting_value(registry.properties, setting)


def refs_beside(request: RelocationRequest) -> tuple[RegistryRef, ...]:
    """Return the other sources of the same target; none without a consolidation."""
    shared = request.consolidation
    return shared.beside(request.source.name) if shared.sources else ()
