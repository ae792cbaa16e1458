"""Which resource providers a subscription is registered for."""

ALWAYS = frozenset({"microsoft.resources", "microsoft.authorization", "microsoft.features", "microsoft.resourcegraph"})
KNOWN = (
    "Microsoft.AlertsManagement",
    "Microsoft.App",
    "Microsoft.Authorization",
    "Microsoft.Batch",
    "Microsoft.ContainerInstance",
    "Microsoft.ContainerRegistry",
    "Microsoft.ContainerService",
    "Microsoft.EventGrid",
    "Microsoft.EventHub",
    "Microsoft.Features",
    "Microsoft.Insights",
    "Microsoft.KeyVault",
    "Microsoft.MachineLearningServices",
    "Microsoft.ManagedIdentity",
    "Microsoft.Network",
    "Microsoft.OperationalInsights",
    "Microsoft.ResourceGraph",
    "Microsoft.Resources",
    "Microsoft.Storage",
    "Microsoft.Web",
)


class Providers:
    """Registration by subscription. Everything known is registered until it is unregistered."""

    def __init__(self) -> None:
        self._unregistered: set[tuple[str, str]] = set()

    def registered(self, subscription: str, namespace: str) -> bool:
        """True if resources of the namespace may be used there."""
        return namespace.lower() in ALWAYS or (subscription.lower(), namespace.lower()) not in self._unregistered

    def register(self, subscription: str, namespace: str) -> None:
        """Usable there from now on."""
        self._unregistered.discard((subscription.lower(), namespace.lower()))

    def unregister(self, subscription: str, namespace: str) -> None:
        """Not usable there any more."""
        self._unregistered.add((subscription.lower(), namespace.lower()))

    def snapshot(self) -> list[list[str]]:
        """As JSON."""
        return [list(pair) for pair in sorted(self._unregistered)]

    def restore(self, state: list[list[str]]) -> None:
        """Exactly what a snapshot held."""
        self._unregistered = {(subscription, namespace) for subscription, namespace in state}
