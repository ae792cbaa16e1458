"""Which resource providers a subscription is registered for, and which api-versions have not come to this cloud."""

from local_azure.state.errors import bad_request
from local_azure.state.faults import Faults

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
    "Microsoft.Kubernetes",
    "Microsoft.KubernetesConfiguration",
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
        """Return whether resources of the namespace may be used there."""
        return namespace.lower() in ALWAYS or (subscription.lower(), namespace.lower()) not in self._unregistered

    def register(self, subscription: str, namespace: str) -> None:
        """Register the namespace there."""
        self._unregistered.discard((subscription.lower(), namespace.lower()))

    def unregister(self, subscription: str, namespace: str) -> None:
        """Unregister the namespace there."""
        self._unregistered.add((subscription.lower(), namespace.lower()))

    def snapshot(self) -> list[list[str]]:
        """Return the registrations as JSON."""
        return [list(pair) for pair in sorted(self._unregistered)]

    def restore(self, state: list[list[str]]) -> None:
        """Restore exactly the state of a snapshot."""
        self._unregistered = {(subscription, namespace) for subscription, namespace in state}


def is_withheld(faults: Faults, type_or_path: str, api_version: str) -> bool:
    """Return whether a fault withholds this api-version of the registries' provider from this cloud."""
    fault = faults.peek("version-not-offered")
    named = str(fault.params.get("version", "2026-11-01")) if fault else ""
    return bool(named) and named in api_version.lower() and "microsoft.containerregistry" in type_or_path.lower()


def check_offered(faults: Faults, path: str, api_version: str) -> None:
    """Raise AzureError 400 for an api-version that a fault withholds."""
    if is_withheld(faults, path, api_version):
        message = f"No registered resource provider found for API version '{api_version}' at '{path}'."
        raise bad_request("NoRegisteredProviderFound", message, gateway=True)
