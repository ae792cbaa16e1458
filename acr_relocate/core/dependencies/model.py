"""What the dependency map says: who is tied to the registry, how that was found, and what becomes of it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final, Literal, NamedTuple

from acr_relocate.core.model import FrozenModel

Strategy = Literal["follows", "re-created", "re-wired", "shared", "by hand", "retired"]

STRATEGIES: Final[dict[Strategy, str]] = {
    "re-wired": "stays where it is and is pointed at the target",
    "re-created": "is made anew at the target",
    "by hand": "needs a person: no tool can move it",
    "shared": "serves both registries as it is",
    "follows": "comes with something else",
    "retired": "is not needed at the target",
}
"""The strategies in the order in which a person has to care about them, and what each means."""

Source = Literal["Resource Graph", "Resource Manager", "Log Analytics", "the registry"]


class Kind(NamedTuple):
    """A kind of dependency: what a person calls it, and the family that it is shown with."""

    label: str
    family: str


RUNS: Final = "Runs its images"
ACCESS: Final = "Access"
_NETWORK: Final = "Network"
_EVENTS: Final = "Logs and events"
KEYS: Final = "Keys and identities"
INSIDE: Final = "Inside the registry"
RULES: Final = "Locks and policies"
FAMILIES: Final = (RUNS, ACCESS, RULES, _NETWORK, _EVENTS, KEYS, INSIDE)

KINDS: Final[dict[str, Kind]] = {
    "cluster": Kind("AKS cluster", RUNS),
    "bootstrap_registry": Kind("AKS cluster that starts from it", RUNS),
    "container_app": Kind("Container App", RUNS),
    "container_app_job": Kind("Container Apps job", RUNS),
    "web_app": Kind("App Service", RUNS),
    "function_app": Kind("Function app", RUNS),
    "container_group": Kind("Container Instances", RUNS),
    "ml_workspace": Kind("Machine Learning", RUNS),
    "batch_pool": Kind("Batch pool", RUNS),
    "other_user": Kind("other resource", RUNS),
    "role_assignment": Kind("role assignment", ACCESS),
    "principal": Kind("principal", ACCESS),
    "private_endpoint": Kind("private endpoint", _NETWORK),
    "network_interface": Kind("network interface", _NETWORK),
    "dns_zone_group": Kind("DNS zone group", _NETWORK),
    "dns_zone": Kind("private DNS zone", _NETWORK),
    "dns_zone_link": Kind("DNS zone link", _NETWORK),
    "virtual_network": Kind("virtual network", _NETWORK),
    "subnet_rule": Kind("subnet with access", _NETWORK),
    "diagnostic_setting": Kind("diagnostic setting", _EVENTS),
    "log_sink": Kind("sink of logs", _EVENTS),
    "alert_rule": Kind("alert rule", _EVENTS),
    "action_group": Kind("action group", _EVENTS),
    "event_topic": Kind("Event Grid topic", _EVENTS),
    "event_subscription": Kind("event subscription", _EVENTS),
    "webhooks": Kind("webhook", _EVENTS),
    "encryption_key": Kind("encryption key", KEYS),
    "key_vault": Kind("key vault", KEYS),
    "secret": Kind("secret", KEYS),
    "managed_identity": Kind("managed identity", KEYS),
    "grant": Kind("role of its identity", KEYS),
    "replications": Kind("replica", INSIDE),
    "scopeMaps": Kind("scope map", INSIDE),
    "tokens": Kind("token", INSIDE),
    "cacheRules": Kind("cache rule", INSIDE),
    "credentialSets": Kind("credential set", INSIDE),
    "tasks": Kind("task", INSIDE),
    "agentPools": Kind("agent pool", INSIDE),
    "connectedRegistries": Kind("connected registry", INSIDE),
    "exportPipelines": Kind("export pipeline", INSIDE),
    "importPipelines": Kind("import pipeline", INSIDE),
    "lock": Kind("lock", RULES),
    "policy": Kind("policy assignment", RULES),
}


class Dependency(FrozenModel):
    """One thing tied to the registry. `tie` says how, in a few words without the thing's own name.

    `strategy` is what becomes of it. `action` is what this service does about it; where that is nothing, `command` is
    what a person runs instead and `by_hand` is true.
    """

    kind: str
    name: str
    id: str = ""
    region: str = ""
    group: str = ""
    tie: str = ""
    found: Source
    strategy: Strategy
    action: str
    by_hand: bool = False
    command: str = ""

    @property
    def label(self) -> str:
        """What a person calls this kind of thing."""
        return KINDS[self.kind].label

    @property
    def family(self) -> str:
        """The family that it is shown with."""
        return KINDS[self.kind].family


class Unread(FrozenModel):
    """A part of the surroundings that could not be read, and why: something may be there all the same."""

    what: str
    reason: str
    remedy: str = "Give the running identity the Reader role there, or look by hand."


class DependencyMap(FrozenModel):
    """Everything found, ordered by strategy, kind and name, and everything that could not be looked at."""

    dependencies: tuple[Dependency, ...] = ()
    unread: tuple[Unread, ...] = ()

    def of(self, *strategies: Strategy) -> tuple[Dependency, ...]:
        """The dependencies with one of these strategies."""
        return tuple(entry for entry in self.dependencies if entry.strategy in strategies)

    @property
    def by_hand(self) -> tuple[Dependency, ...]:
        """What this service does not do."""
        return tuple(entry for entry in self.dependencies if entry.by_hand)


def ordered(found: Iterable[Dependency]) -> tuple[Dependency, ...]:
    """Return the dependencies without repetitions, those that a person has to care about first."""
    strategies, kinds = list(STRATEGIES), list(KINDS)
    return tuple(
        sorted(
            dict.fromkeys(found),
            key=lambda entry: (strategies.index(entry.strategy), kinds.index(entry.kind), entry.name, entry.id),
        )
    )
