"""Compare the receivers of events: event subscriptions, and alert rules that watch source and target."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from acr_relocate.core.cut_over import alerts
from acr_relocate.core.dependencies import Surroundings
from acr_relocate.core.dependencies.alerts import Watched, watched, watches
from acr_relocate.core.dependencies.raw_surroundings import Json, properties, readable_items
from acr_relocate.core.evidence.unknown import Unknown
from acr_relocate.core.registry.inventory import Registry
from acr_relocate.core.registry.regions import normalise_location
from acr_relocate.core.verification.differences import Difference, difference
from acr_relocate.core.verification.flatten import all_names, display_values, flatten_values, stated_value

OF_THE_TOPIC: Final = frozenset({"topic", "metricResourceId"})
_DEFAULTS: Final = {
    "autoMitigate": "true",
    "enabled": "true",
    "eventDeliverySchema": "EventGridSchema",
    "retryPolicy.eventTimeToLiveInMinutes": "1440",
    "retryPolicy.maxDeliveryAttempts": "30",
}
"""Azure's defaults: learn.microsoft.com/azure/event-grid/manage-event-delivery, and the REST API
of alert rules."""

_STATE: Final = "provisioningState"
_BROKEN: Final = frozenset({"awaitingmanualaction", "canceled", "failed"})

UNSEEN: Final = "destination"
"""The destination of an event: addresses of web hooks are secret, so that only their names are ever shown."""


def compare_notifications(
    source: Registry, target: Registry, around: Surroundings, there: Surroundings
) -> Iterator[Difference]:
    """Yield each event subscription and alert rule that the target lacks, or has with other settings."""
    if not isinstance(there.event_subscriptions, Unknown):
        yield from _subscriptions(readable_items(around.event_subscriptions), readable_items(there.event_subscriptions))
    if not isinstance(there.alerts, Unknown):
        yield from _alerts(source, target, around, there)


def _subscriptions(here: tuple[Json, ...], there: tuple[Json, ...]) -> Iterator[Difference]:
    have = {str(one.get("name")).lower(): one for one in there}
    for entry in here:
        name = f"event subscription {entry['name']}"
        found = have.get(str(entry["name"]).lower())
        yield from _compared(name, _subscription(entry), _subscription(found) if found else None)
    for name in sorted(have.keys() - {str(one.get("name")).lower() for one in here}):
        subject = f"event subscription {have[name]['name']}"
        yield difference("extra", subject, f"the {subject} is only at the target", sides=("", "there"))


def _subscription(entry: Json) -> dict[str, str]:
    """Return its settings; its provisioning state only if that has failed."""
    own = {name: value for name, value in properties(entry).items() if name not in OF_THE_TOPIC}
    if str(own.get(_STATE)).lower() not in _BROKEN:
        own.pop(_STATE, None)
    return dict(flatten_values("", own))


def _alerts(source: Registry, target: Registry, around: Surroundings, there: Surroundings) -> Iterator[Difference]:
    """Yield each rule that watches the source, unless some rule watches the target in the same way."""
    here, other = watched(source, around), watched(target, there)
    have = {
        str(one["name"]).lower(): _alert(one, other, other)
        for one in readable_items(there.alerts)
        if watches(one, other)
    }
    for rule in readable_items(around.alerts):
        if watches(rule, here) and not watches(rule, other):
            want = _alert(rule, here, other)
            if want not in have.values():
                found = have.get(f"{rule['name']}-{target.name}".lower())
                yield from _compared(f"alert rule {rule['name']}", want, found)


def _alert(rule: Json, registry: Watched, target: Watched) -> dict[str, str]:
    """Return the rule's settings, read as one for the target: its scope is the registry.

    A rule without a region is for the region of its resource; one for its registry's region, for the target's.
    """
    own = alerts.for_target(rule, registry, target)
    region = normalise_location(str(properties(rule).get("targetResourceRegion") or registry.location))
    there = {"targetResourceRegion": target.location if region == registry.location else region}
    return dict(flatten_values("", {name: value for name, value in own.items() if name != "scopes"} | there))


def _compared(what: str, want: Mapping[str, str], have: Mapping[str, str] | None) -> Iterator[Difference]:
    if have is None:
        yield difference("dependent", what, f"the {what} is missing at the target", sides=("there", ""))
        return
    differing = [
        name
        for name in all_names(want, have)
        if stated_value(want, name, _DEFAULTS) != stated_value(have, name, _DEFAULTS)
    ]
    if differing:
        sides = display_values(_veiled(want), differing), display_values(_veiled(have), differing)
        yield difference("dependent", what, f"the {what} differs at the target in {', '.join(differing)}", sides=sides)


def _veiled(side: Mapping[str, str]) -> dict[str, str]:
    return {name: "not shown" if name.startswith(UNSEEN) else value for name, value in side.items()}
