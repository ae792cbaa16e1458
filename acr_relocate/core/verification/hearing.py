"""Who hears of the source, and of the target: event subscriptions, and alert rules that watch it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from acr_relocate.core.checks.evidence import Unknown
from acr_relocate.core.cut_over import alerts
from acr_relocate.core.dependencies import Surroundings
from acr_relocate.core.dependencies.alerts import Watched, watched, watches
from acr_relocate.core.dependencies.surroundings import Json, known, properties
from acr_relocate.core.inventory import Registry
from acr_relocate.core.verification.differences import Difference, difference
from acr_relocate.core.verification.leaves import leaves

OF_THE_TOPIC: Final = frozenset({"topic", "metricResourceId"})
DEFAULTS: Final = {
    "eventDeliverySchema": "EventGridSchema",
    "retryPolicy.eventTimeToLiveInMinutes": "1440",
    "retryPolicy.maxDeliveryAttempts": "30",
}
"""What Event Grid shows where nobody said it: learn.microsoft.com/azure/event-grid/manage-event-delivery."""

UNSEEN: Final = "destination"
"""Where an event goes: addresses of web hooks are secret, so that only their names are ever shown."""


def compare_hearing(
    source: Registry, target: Registry, around: Surroundings, there: Surroundings
) -> Iterator[Difference]:
    """Yield each event subscription and each alert rule that the target lacks, or that hears of something else."""
    if not isinstance(there.event_subscriptions, Unknown):
        yield from _subscriptions(known(around.event_subscriptions), known(there.event_subscriptions))
    if not isinstance(there.alerts, Unknown):
        yield from _alerts(source, target, around, there)


def _subscriptions(here: tuple[Json, ...], there: tuple[Json, ...]) -> Iterator[Difference]:
    have = {str(one.get("name")).lower(): one for one in there}
    for entry in here:
        name = f"event subscription {entry['name']}"
        found = have.get(str(entry["name"]).lower())
        yield from _compared(name, _subscription(entry), _subscription(found) if found else None)


def _subscription(entry: Json) -> dict[str, str]:
    own = {name: value for name, value in properties(entry).items() if name not in OF_THE_TOPIC}
    return dict(leaves("", own))


def _alerts(source: Registry, target: Registry, around: Surroundings, there: Surroundings) -> Iterator[Difference]:
    """Yield each rule that watches the source, unless the target is watched in the same way, by whatever rule."""
    here, other = watched(source, around), watched(target, there)
    have = {str(one["name"]).lower(): _alert(one, other, other) for one in known(there.alerts) if watches(one, other)}
    for rule in known(around.alerts):
        if watches(rule, here) and not watches(rule, other):
            want = _alert(rule, here, other)
            if want not in have.values():
                found = have.get(f"{rule['name']}-{target.name}".lower())
                yield from _compared(f"alert rule {rule['name']}", want, found)


def _alert(rule: Json, registry: Watched, target: Watched) -> dict[str, str]:
    """Return what the rule is, read as one that watches the target: its scope and its region are the registry's."""
    apart = {"scopes", "targetResourceRegion"}
    own = alerts.for_target(rule, registry, target)
    return dict(leaves("", {name: value for name, value in own.items() if name not in apart}))


def _compared(what: str, want: Mapping[str, str], have: Mapping[str, str] | None) -> Iterator[Difference]:
    if have is None:
        yield difference("dependent", what, f"the {what} is missing at the target", sides=("there", ""))
        return
    differing = sorted(name for name in want.keys() | have.keys() if _said(want, name) != _said(have, name))
    if differing:
        sides = ["; ".join(_shown(name, side) for name in differing) for side in (want, have)]
        yield difference("dependent", what, f"the {what} differs at the target in {', '.join(differing)}", sides=sides)


def _said(side: Mapping[str, str], name: str) -> str:
    """Return what one of them says; what is null, false, empty or Azure's default says nothing."""
    value = side.get(name, "")
    return "" if value in {"null", "false", DEFAULTS.get(name)} else value


def _shown(name: str, side: Mapping[str, str]) -> str:
    value = "not shown" if name.startswith(UNSEEN) else side.get(name) or "not set"
    return f"{name}: {value}"
