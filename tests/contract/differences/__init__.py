"""How differences are planted in a relocated pair, one at a time, and what verification has to say of each.

`PLANTED`: what it is, in words -> how it is planted, the kind of the difference and what its message names.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any, Final, NamedTuple

from acr_relocate.core.request.identity import PLAN_TAG, SOURCE_TAG, relocation_id
from acr_relocate.core.verification import DifferenceKind
from tests.contract.relocated_pair import REQUEST, SOURCE, TARGET, WEST, Plant, Relocated

GATEWAY, MONOLITH, SANDBOX = "platform/gateway", "legacy/monolith", "team-a/sandbox/experiments"
ENDPOINT: Final = "contoso-acr-pe-contosonorth"
ZONE: Final = f"{WEST}/Microsoft.Network/privateDnsZones/privatelink.azurecr.io"
TOPIC: Final = "Microsoft.EventGrid/systemTopics"
OTHER: Final = "99999999-9999-9999-9999-999999999999"
DIAGNOSTICS: Final = "providers/Microsoft.Insights/diagnosticSettings/contosoregistry-diagnostic-settings"
LOGGED: Final = "diagnosticSettings/contosoregistry-diagnostic-settings"
OWN_TAGS: Final = {PLAN_TAG: relocation_id(REQUEST), SOURCE_TAG: SOURCE}


class Expected(NamedTuple):
    """How it is planted, and what is said of it."""

    plant: Plant
    kind: DifferenceKind
    names: str
    where: str


PLANTED: Final[dict[str, Expected]] = {}
HARMLESS: Final[dict[str, tuple[Plant, str]]] = {}
"""The name in words -> how it is planted, and where; no finding comes of it."""


def planted(what: str, kind: DifferenceKind, names: str, where: str = "target") -> Callable[[Plant], Plant]:
    """The function plants what the words say. `where`: target, source or blobs, by what has to be read for it."""

    def register(plant: Plant) -> Plant:
        PLANTED[what] = Expected(plant, kind, names, where)
        return plant

    return register


def harmless(what: str, where: str = "target") -> Callable[[Plant], Plant]:
    """The function plants what the words say, and that is no difference."""

    def register(plant: Plant) -> Plant:
        HARMLESS[what] = plant, where
        return plant

    return register


async def plant(pair: Relocated, how: Plant) -> None:
    """It is there."""
    done = how(pair)
    if inspect.isawaitable(done):
        await done


def setting(what: str, names: str, properties: dict[str, Any]) -> None:
    """The target has these properties."""
    planted(what, "setting", names)(lambda p: p.force(**properties))


def policy(what: str, name: str, **value: Any) -> None:
    """The target has this policy, and the others that it had."""

    @planted(what, "setting", f"policies.{name}")
    def _(p: Relocated) -> None:
        policies = p.resource(TARGET)["properties"]["policies"]
        p.force(policies=policies | {name: policies.get(name, {}) | value})


def rules(what: str, names: str, **value: Any) -> None:
    """The target has these network rules, and the others that it had."""

    @planted(what, "setting", f"networkRuleSet.{names}")
    def _(p: Relocated) -> None:
        p.force(networkRuleSet=p.resource(TARGET)["properties"]["networkRuleSet"] | value)


def missing(what: str, path: str) -> None:
    """The target's child at the path is gone."""
    planted(what, "setting", path)(lambda p: p.uproot(path))


def child(what: str, path: str, names: str, **properties: Any) -> None:
    """The target's child at the path has these properties."""
    planted(what, "setting", f"{path}.{names}")(lambda p: p.force(path, **properties))


def connection(p: Relocated) -> str:
    """The id of the target's private endpoint connection."""
    return p.of_type("Microsoft.ContainerRegistry/registries/privateEndpointConnections", TARGET)


def subscription(p: Relocated) -> str:
    """The id of the subscription to the target's events."""
    return p.of_type(f"{TOPIC}/eventSubscriptions", "contoso-acr-events-contosonorth")
