"""The dependency map: the resources tied to the registry, how each was found, and its strategy."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final, Literal, NamedTuple

from acr_relocate.core.model import FrozenModel

Strategy = Literal["follows", "re-created", "re-wired", "shared", "manual", "retired"]

STRATEGIES: Final[dict[Strategy, str]] = {
    "re-wired": "stays where it is and is pointed at the target",
    "re-created": "is recreated at the target",
    "manual": "cannot be moved by a tool: needs a person",
    "shared": "serves both registries as it is",
    "follows": "comes with something else",
    "retired": "is not needed at the target",
}
"""The strategies, the most urgent for a person first, and their meaning."""

Source = Literal["Resource Graph", "Resource Manager", "Log Analytics", "the registry"]


class Kind(NamedTuple):
    """A kind of dependency: its label, and the family that it is shown with."""

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
    """One resource tied to the registry. `tie` says how, in a few words without the resource's name.

    `strategy` is its fate. `action` is this service's action for it; for a manual step `manual` is true and `command`
    is the command for a person.
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
    manual: bool = False
    command: str = ""

    @property
    def label(self) -> str:
        """Return the label of this kind of resource."""
        return KINDS[self.kind].label

    @property
    def family(self) -> str:
        """Return the family that it is shown with."""
        return KINDS[self.kind].family


class Unread(FrozenModel):
    """A part of the surroundings that could not be read, and why: resources may exist there all the same."""

    what: str
    reason: str
    remedy: str = "Give the running identity the Reader role there, or check manually."


class DependencyMap(FrozenModel):
    """All dependencies found, ordered by strategy, kind and name, and all unreadable parts."""

    dependencies: tuple[Dependency, ...] = ()
    unread: tuple[Unread, ...] = ()

    def of(self, *strategies: Strategy) -> tuple[Dependency, ...]:
        """Return the dependencies with one of these strategies."""
        return tuple(entry for entry in self.dependencies if entry.strategy in strategies)

    @property
    def manual(self) -> tuple[Dependency, ...]:
        """Return the dependencies that are manual steps."""
        return tuple(entry for entry in self.dependencies if entry.manual)


def ordered(found: Iterable[Dependency]) -> tuple[Dependency, ...]:
    """Return the dependencies without repetitions, the most urgent for a person first."""
    strategies, kinds = list(STRATEGIES), list(KINDS)
    return tuple(
        sorted(
            dict.fromkeys(found),
            key=lambda entry: (strategies.index(entry.strategy), kinds.index(entry.kind), entry.name, entry.id),
        )
    )
