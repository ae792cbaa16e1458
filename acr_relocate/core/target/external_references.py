"""References of a registry's settings to the outside: resources of the source region, keys, secrets, the region."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final, TypeVar

from acr_relocate.core.findings import Finding
from acr_relocate.core.registry.inventory import Registry
from acr_relocate.core.registry.regions import normalise_location
from acr_relocate.core.request.identity import PLAN_TAG, SOURCE_TAG
from acr_relocate.core.request.relocation import RelocationRequest

Value = TypeVar("Value")

_RESOURCE: Final = re.compile(r"^/subscriptions/[^/]+/resourceGroups/[^/]+/providers/[^/]+/[^/]+/[^/]+", re.IGNORECASE)
_VAULT: Final = re.compile(r"^https://[\w-]+\.(vault|managedhsm)\.", re.IGNORECASE)


def id_mapping(request: RelocationRequest) -> dict[str, str]:
    """Return the target's values by the source's, in lower case."""
    return {here.lower(): there for here, there in (request.subnets | request.replacements).items()}


def replace_ids(value: Value, by: Mapping[str, str]) -> Value:
    """Return the JSON with each text replaced that the mapping contains, or a parent resource of it."""
    made: Any = value
    if isinstance(value, dict):
        made = {replace_ids(name, by): replace_ids(inner, by) for name, inner in value.items()}
    elif isinstance(value, list):
        made = [replace_ids(inner, by) for inner in value]
    elif isinstance(value, str):
        made = _replaced_text(value, by)
    result: Value = made
    return result


def _replaced_text(text: str, by: Mapping[str, str]) -> str:
    if text.lower() in by:
        return by[text.lower()]
    for here, there in by.items():
        if text.lower().startswith(f"{here}/"):
            return there + text[len(here) :]
    return text


def root_resource_id(reference: str) -> str:
    """Return the id of the top-level resource, or an empty string if this is not a resource id."""
    found = _RESOURCE.match(reference)
    return found.group(0) if found else ""


def external_ids(registry: Registry) -> tuple[str, ...]:
    """Return the ids of all resources that the settings name outside of the registry, each once."""
    own = registry.id.lower()
    roots = (root_resource_id(text) for text in _texts(_settings(registry)))
    return tuple(dict.fromkeys(root for root in roots if root and root.lower() != own))


def shared_resources(target: Registry, source: Registry, request: RelocationRequest) -> Iterator[Finding]:
    """Yield a finding for each outside resource that the target would share with the source without a mapping."""
    yield from _key_identity(source, id_mapping(request))
    given = {there.lower() for there in id_mapping(request).values()}
    own = {target.id.lower(), source.id.lower()}
    here = normalise_location(source.location)
    for text in dict.fromkeys(_texts(_settings(target))):
        root = root_resource_id(text)
        if text.lower() in given or root.lower() in given or root.lower() in own:
            continue
        if root or _VAULT.match(text):
            yield from _shared(text, source.regions.get(root.lower(), ""), here, target.location)
        elif here != target.location and re.search(rf"(?<![a-z0-9]){here}(?![a-z0-9])", text.lower()):
            yield _names_region(text, here, source)


def _key_identity(source: Registry, by: Mapping[str, str]) -> Iterator[Finding]:
    """Yield a finding if the identity that reads the key is replaced, but not in the key's own properties.

    There Azure needs the client id, which cannot be derived from the identity in the request.
    """
    key = (source.properties.get("encryption") or {}).get("keyVaultProperties") or {}
    client = str(key.get("identity") or "")
    for identity, ids in ((source.identity or {}).get("userAssignedIdentities") or {}).items():
        is_reader = client and str((ids or {}).get("clientId", "")).lower() == client.lower()
        if is_reader and identity.lower() in by and client.lower() not in by:
            yield Finding(
                code="key_identity_without_mapping",
                severity="decision",
                message=f"The target's key would still be read by the client id {client}, of an identity replaced by "
                f"{by[identity.lower()]}.",
                remedy=f"# In the request:\nreplacements:\n  {client}: CLIENT-ID-OF-THE-OTHER-IDENTITY",
                resource=source.id,
            )


def _shared(text: str, region: str, home: str, location: str) -> Iterator[Finding]:
    """Yield a finding for a shared resource; nothing if it is in the target's region."""
    if region == location:
        return
    stays = region == home
    where = f"in {region}" if region else "in an unknown region"
    what = "is in the source region" if stays else f"is {where}"
    yield Finding(
        code="stays_in_old_region" if stays else "shared_with_source",
        severity="decision" if stays else "note",
        message=f"The target will use {_short(text)}, which {what}, as the source does.",
        remedy=f"# In the request:\nreplacements:\n  {text}: WHAT-THE-TARGET-USES-INSTEAD",
        resource=text,
    )


def _short(text: str) -> str:
    """Return type and name of a resource id, other text as it is: the finding's resource has the whole id."""
    return "/".join(text.split("/")[-2:]) if text.startswith("/subscriptions/") else text


def _names_region(text: str, home: str, source: Registry) -> Finding:
    return Finding(
        code="names_old_region",
        severity="note",
        message=f"The target's settings will still say {home}: {text}",
        remedy=f"# In the request:\nreplacements:\n  {text}: WHAT-IT-SHOULD-SAY",
        resource=source.id,
    )


def _settings(registry: Registry) -> list[Any]:
    """Return all settings of the registry that may contain outside references."""
    tags = {name: value for name, value in registry.tags.items() if name not in {PLAN_TAG, SOURCE_TAG}}
    children = [[child.properties, child.identity, child.tags] for child in registry.children]
    return [registry.properties, registry.identity, tags, children]


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for name, inner in value.items():
            yield name
            yield from _texts(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _texts(inner)
