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


class DependencyKind(NamedTuple):
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

DEPENDENCY_KINDS: Final[dict[str, DependencyKind]] = {
    "cluster": DependencyKind("AKS cluster", RUNS),
    "bootstrap_registry": DependencyKind("bootstrap registry of AKS cluster", RUNS),
    "container_app": DependencyKind("Container App", RUNS),
    "container_app_job": DependencyKind("Container Apps job", RUNS),
    "web_app": DependencyKind("App Service", RUNS),
    "function_app": DependencyKind("Function app", RUNS),
    "container_group": DependencyKind("Container Instances", RUNS),
    "ml_workspace": DependencyKind("Machine Learning", RUNS),
    "batch_pool": DependencyKind("Batch pool", RUNS),
    "flux_configuration": DependencyKind("Flux configuration", RUNS),
    "downstream_rule": DependencyKind("cache rule of another registry", RUNS),
    "downstream_task": DependencyKind("task of another registry", RUNS),
    "other_user": DependencyKind("other resource", RUNS),
    "role_assignment": DependencyKind("role assignment", ACCESS),
    "principal": DependencyKind("principal", ACCESS),
    "private_endpoint": DependencyKind("private endpoint", _NETWORK),
    "network_interface": DependencyKind("network interface", _NETWORK),
    "dns_zone_group": DependencyKind("DNS zone group", _NETWORK),
    "dns_zone": DependencyKind("private DNS zone", _NETWORK),
    "dns_zone_link": DependencyKind("DNS zone link", _NETWORK),
    "virtual_network": DependencyKind("virtual network", _NETWORK),
    "subnet_rule": DependencyKind("subnet with access", _NETWORK),
    "diagnostic_setting": DependencyKind("diagnostic setting", _EVENTS),
    "log_sink": DependencyKind("log destination", _EVENTS),
    "alert_rule": DependencyKind("alert rule", _EVENTS),
    "action_group": DependencyKind("action group", _EVENTS),
    "event_topic": DependencyKind("Event Grid topic", _EVENTS),
    "event_subscription": DependencyKind("event subscription", _EVENTS),
    "webhooks": DependencyKind("webhook", _EVENTS),
    "encryption_key": DependencyKind("encryption key", KEYS),
    "key_vault": DependencyKind("key vault", KEYS),
    "secret": DependencyKind("secret", KEYS),
    "managed_identity": DependencyKind("managed identity", KEYS),
    "grant": DependencyKind("role of its identity", KEYS),
    "replications": DependencyKind("replica", INSIDE),
    "scopeMaps": DependencyKind("scope map", INSIDE),
    "tokens": DependencyKind("token", INSIDE),
    "cacheRules": DependencyKind("cache rule", INSIDE),
    "credentialSets": DependencyKind("credential set", INSIDE),
    "tasks": DependencyKind("task", INSIDE),
    "agentPools": DependencyKind("agent pool", INSIDE),
    "connectedRegistries": DependencyKind("connected registry", INSIDE),
    "exportPipelines": DependencyKind("export pipeline", INSIDE),
    "importPipelines": DependencyKind("import pipeline", INSIDE),
    "lock": DependencyKind("lock", RULES),
    "policy": DependencyKind("policy assignment", RULES),
    "host_rule": DependencyKind("policy that names its host", RULES),
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
        return DEPENDENCY_KINDS[self.kind].label

    @property
    def family(self) -> str:
        """Return the family that it is shown with."""
        return DEPENDENCY_KINDS[self.kind].family


class Unread(FrozenModel):
    """A part of the surroundings that could not be read, and why: resources may exist there all the same.

    `odd`: it is one resource, about which Azure answered in an undocumented form.
    """

    what: str
    reason: str
    remedy: str = "Give the running identity the Reader role there, or check manually."
    odd: bool = False


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
    strategies, kinds = list(STRATEGIES), list(DEPENDENCY_KINDS)
    return tuple(
        sorted(
            dict.fromkeys(found),
            key=lambda entry: (strategies.index(entry.strategy), kinds.index(entry.kind), entry.name, entry.id),
        )
    )
