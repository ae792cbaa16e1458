"""Failure modes seen in the wild, by the numbers that the checks' docstrings cite.

Those that cannot be detected beforehand have no check: retries, comparisons and the verification handle them.
D/ is Azure's documentation of Container Registry (learn.microsoft.com/azure/container-registry/).
"""

from collections.abc import Mapping
from typing import Final

FAILURES: Final[Mapping[str, tuple[str, str]]] = {
    "F2": ("Tag already exists in target registry", "Azure/azure-cli#10938"),
    "F4": ("An import hangs", "Azure/acr#549, #537, #617"),
    "F5": ("Error copying blobs", "Azure/acr#632"),
    "F7": ("A registry `could not be found` by an identity that may not import from it", "Azure/acr#237"),
    "F8": ("Conditions on repositories do not restrict imports", "Azure/acr#868"),
    "F9": ("An import comes from a denied public address", "Azure/acr#668, #571"),
    "F10": ("Unable to find manifest digest", "Azure/acr#422, #233"),
    "F11": ("Schema 1 or another media type that is not supported", "containerd/nerdctl#846"),
    "F12": ("More than 50 manifests in one index", "D/container-registry-import-images.md"),
    "F13": ("Signatures and SBOMs are missing after an import", "dotnet/docker-tools#1999"),
    "F16": ("HomeReplicationCannotBeDeleted", "Azure/acr#294, #623"),
    "F17": ("A replica is rolled back because of a private endpoint", "Azure/acr#647"),
    "F18": ("Virtual network rules vanish after a deployment", "Azure/acr#246"),
    "F19": ("The provider is not registered where the subnet is", "Azure/acr#358"),
    "F20": ("Tokens lose their passwords", "Azure/acr#596, #667"),
    "F21": ("A webhook's serviceUri is missing from the template", "the REST API never returns it"),
    "F22": ("The registry DNS name is already in use", "Azure/azure-cli#13951"),
    "F23": ("A hash in the login server", "D/container-registry-get-started-azure-cli.md"),
    "F25": ("Failed to access KeyId", "D/tutorial-troubleshoot-customer-managed-keys.md"),
    "F26": ("BlockedForEncryptionEnabledRegistry", "Azure/PSRule.Rules.Azure#1810"),
    "F27": ("Imports are rejected by the export policy", "D/data-loss-prevention.md"),
    "F28": ("client with IP is not allowed access", "D/container-registry-troubleshoot-access.md"),
    "F29": ("429 on listings, referrers, tokens", "dotnet/docker-tools#2137"),
    "F30": ("A 403 or 429 is taken for absent", "dotnet/docker-tools#2137"),
    "F34": ("Ids of the old region remain in the template", "the article's own example"),
    "F37": ("Could not create a role assignment for ACR", "Azure/AKS#1517"),
    "F38": (
        "az aks --attach-acr is without effect in ABAC mode",
        "learn.microsoft.com, aks/cluster-container-registry-integration",
    ),
    "F42": (
        "A log sink of the old region is rejected",
        "learn.microsoft.com, azure-monitor/platform/diagnostic-settings",
    ),
    "F44": ("A lock stops POSTs, or the deletion of the source", "learn.microsoft.com, management/lock-resources"),
    "F45": ("Locked, hidden or quarantined images", "D/container-registry-image-lock.md"),
    "F46": ("Policies delete imported content", "D/container-registry-retention-policy.md"),
    "F47": ("Tasks get a 403 behind network rules", "D/manage-network-bypass-policy-for-tasks.md"),
    "F48": ("A feature is not in the target region", "D/tasks-agent-pools.md"),
    "F49": ("A location of the old region in a child", "the REST API of webhooks and replications"),
    "F50": ("More than the SKU has", "D/container-registry-skus.md"),
    "F51": ("MissingSubscriptionRegistration", "Azure Resource Manager, 409"),
    "F55": ("Event Grid subscriptions are lost", "learn.microsoft.com, relocation/overview-relocation"),
    "F56": ("A connected registry cannot have another parent", "D/intro-connected-registry.md"),
    "F57": ("The repository of a cache rule exists", "D/artifact-cache-overview.md"),
    "F58": ("DeploymentQuotaExceeded", "learn.microsoft.com, management/lock-resources"),
    "F59": ("RequestDisallowedByPolicy", "D/policy-reference.md"),
    "F60": ("Login works, layers do not", "D/container-registry-private-endpoints.md"),
    "F61": ("A regional endpoint is named as the source", "azure-cli, acr/import"),
}
