"""Compare children that no deployment creates, so that people recreate them: missing at the target, or different."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from acr_relocate.core.registry.inventory import Child, Registry
from acr_relocate.core.target.children import HISTORY, REWRITES
from acr_relocate.core.target.external_references import replace_ids
from acr_relocate.core.verification.differences import Difference, difference
from acr_relocate.core.verification.flatten import all_names, display_values, flatten_values, stated_value

NOT_DONE: Final = "It is a manual step that has not been done yet."
DONE_OTHERWISE: Final = "It is a manual step that was done in another way."
PASSING: Final = frozenset({*REWRITES, *HISTORY, "privateEndpointConnections"})
"""Kinds that another comparison covers, or that are only a view."""

STATES: Final = {
    "connectedRegistries": (
        "activation.",
        "connectionState",
        "lastActivityTime",
        "loginServer.",
        "parent.syncProperties.gatewayEndpoint",
        "parent.syncProperties.lastSyncTime",
        "provisioningState",
        "registrySyncResult.",
        "statusDetails",
        "version",
    ),
    "exportPipelines": ("provisioningState",),
    "importPipelines": ("provisioningState",),
}
"""Kind -> prefixes of its read-only status properties in the type definitions."""

_REMEDIES: Final = {
    "mode": "Its mode cannot be changed: delete it at the target, and recreate it.",
    "parent.id": "Its parent cannot be changed: delete it at the target, and recreate it.",
    "parent.syncProperties.tokenId": "Its token cannot be changed: delete it at the target, and recreate it.",
}
"""Properties that cannot be changed (absent in ConnectedRegistryUpdateParameters)."""

UPDATES: Final = {
    "connectedRegistries": "With the source's values: az acr connected-registry update --registry {} --name {}",
    "exportPipelines": "Recreate it as at the source, after: az acr export-pipeline delete --registry {} --name {}",
    "importPipelines": "Recreate it as at the source, after: az acr import-pipeline delete --registry {} --name {}",
}
_DEFAULTS: Final = {
    "logging.logLevel": "Information",
    "logging.auditLogStatus": "Disabled",
    "garbageCollection.enabled": "true",
    "garbageCollection.schedule": "0 0 * * *",
    "trigger.sourceTrigger.status": "Enabled",
}
"""The defaults of the type definitions."""


def compare_manual_children(source: Registry, target: Registry, by: Mapping[str, str]) -> Iterator[Difference]:
    """Yield each such child of the source that the target lacks, or has in another way.

    `by`: the target's values by the source's, such as a storage account of its own region.
    """
    have = {(child.kind, child.name.lower()): child for child in target.children}
    own = {source.id.lower(): target.id, **by}
    for child in source.children:
        found, subject = have.get((child.kind, child.name.lower())), f"{child.kind}/{child.name}"
        if child.kind not in PASSING and found is None:
            yield difference("dependent", subject, f"{subject} is missing at the target", cause=NOT_DONE)
        elif found and child.kind in STATES:
            want = replace_ids(child.properties, own)
            yield from _otherwise(target.name, child.model_copy(update={"properties": want}), found)
    there = {(child.kind, child.name.lower()) for child in source.children}
    for child in target.children:
        if child.kind in STATES and (child.kind, child.name.lower()) not in there:
            subject = f"{child.kind}/{child.name}"
            yield difference("extra", subject, f"{subject} is only at the target", sides=("", "there"))


def _otherwise(target: str, here: Child, there: Child) -> Iterator[Difference]:
    want, have, subject = _set(here), _set(there), f"{here.kind}/{here.name}"
    differing = [
        name
        for name in all_names(want, have)
        if stated_value(want, name, _DEFAULTS) != stated_value(have, name, _DEFAULTS)
    ]
    if differing:
        sides = display_values(want, differing), display_values(have, differing)
        fixed = [_REMEDIES[name] for name in differing if name in _REMEDIES]
        yield difference(
            "dependent",
            subject,
            f"{subject} differs at the target in {', '.join(differing)}",
            sides=sides,
            cause=DONE_OTHERWISE,
            remedy=fixed[0] if fixed else UPDATES[here.kind].format(target, there.name),
        )


def _set(child: Child) -> dict[str, str]:
    """Return the settings that people chose."""
    states = STATES[child.kind]
    return {name: value for name, value in flatten_values("", child.properties) if not name.startswith(states)}
