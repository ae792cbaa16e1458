"""Roles: what each allows, and the built-in ones (facts: azure.md 2.7)."""

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

ACR = "Microsoft.ContainerRegistry/registries"
REPOSITORIES = f"{ACR}/repositories"
DEFINITIONS = "/providers/Microsoft.Authorization/roleDefinitions/"


@dataclass(frozen=True)
class Role:
    """A role definition: patterns with `*`, as Azure writes them."""

    id: str
    name: str
    actions: tuple[str, ...] = ()
    not_actions: tuple[str, ...] = ()
    data_actions: tuple[str, ...] = ()
    not_data_actions: tuple[str, ...] = ()

    def allows(self, action: str) -> bool:
        """Return whether it grants a management action."""
        return _matches(self.actions, action.lower()) and not _matches(self.not_actions, action.lower())

    def allows_data(self, action: str) -> bool:
        """Return whether it grants a data action."""
        return _matches(self.data_actions, action.lower()) and not _matches(self.not_data_actions, action.lower())


@lru_cache(maxsize=4096)
def _matches(patterns: tuple[str, ...], action: str) -> bool:
    return any(re.fullmatch(re.escape(pattern.lower()).replace(r"\*", ".*"), action) for pattern in patterns)


NO_AUTHORIZATION = (
    "Microsoft.Authorization/*/Delete",
    "Microsoft.Authorization/*/Write",
    "Microsoft.Authorization/elevateAccess/Action",
)
DEPLOYMENTS = ("Microsoft.Resources/deployments/*", "Microsoft.Resources/subscriptions/resourceGroups/read")
READ_DATA = (f"{REPOSITORIES}/content/read", f"{REPOSITORIES}/metadata/read")
WRITE_DATA = (f"{REPOSITORIES}/content/write", f"{REPOSITORIES}/metadata/write")
DELETE_DATA = (f"{REPOSITORIES}/content/delete", f"{REPOSITORIES}/metadata/delete")

BUILT_IN = (
    Role("8e3af657-a8ff-443c-a75c-2fe8c4bcb635", "Owner", ("*",)),
    Role("b24988ac-6180-42a0-ab88-20f7382dd24c", "Contributor", ("*",), NO_AUTHORIZATION),
    Role("acdd72a7-3385-48ef-bd42-f606fba81ae7", "Reader", ("*/read",)),
    Role(
        "18d7d88d-d35e-4fb5-a5c3-7773c20a72d9",
        "User Access Administrator",
        ("*/read", "Microsoft.Authorization/*", "Microsoft.Support/*"),
    ),
    Role(
        "f58310d9-a9f6-439a-9e8d-f62e7b41a168",
        "Role Based Access Control Administrator",
        ("Microsoft.Authorization/roleAssignments/write", "Microsoft.Authorization/roleAssignments/delete", "*/read"),
    ),
    Role("7f951dda-4ed3-4680-a7ca-43fe172d538d", "AcrPull", (f"{ACR}/pull/read",)),
    Role("8311e382-0749-4cb8-b61a-304f252e45ec", "AcrPush", (f"{ACR}/pull/read", f"{ACR}/push/write")),
    Role("c2f4ef07-c644-48eb-af81-4b1b4947fb11", "AcrDelete", (f"{ACR}/artifacts/delete",)),
    Role("6cef56e8-d556-48e5-a04f-b8e64114680f", "AcrImageSigner", (f"{ACR}/sign/write",)),
    Role("cdda3590-29a3-44f6-95f2-9f980659eb04", "AcrQuarantineReader", (f"{ACR}/quarantine/read",)),
    Role(
        "c8d4ff99-41c3-41a8-9f60-21dfdad59608",
        "AcrQuarantineWriter",
        (f"{ACR}/quarantine/read", f"{ACR}/quarantine/write"),
    ),
    Role("b93aa761-3e63-49ed-ac28-beffa264f7ac", "Container Registry Repository Reader", data_actions=READ_DATA),
    Role(
        "2a1e307c-b015-4ebd-883e-5b7698a07328",
        "Container Registry Repository Writer",
        data_actions=READ_DATA + WRITE_DATA,
    ),
    Role(
        "2efddaa5-3f1f-4df3-97df-af3f13818f4c",
        "Container Registry Repository Contributor",
        data_actions=READ_DATA + WRITE_DATA + DELETE_DATA,
    ),
    Role(
        "bfdb9389-c9a5-478a-bb2f-ba9ca092c3c7",
        "Container Registry Repository Catalog Lister",
        data_actions=(f"{ACR}/catalog/read",),
    ),
    Role(
        "577a9874-89fd-4f24-9dbd-b5034d0ad23a",
        "Container Registry Data Importer and Data Reader",
        (f"{ACR}/read", f"{ACR}/importImage/action", f"{ACR}/pull/read"),
        data_actions=READ_DATA,
    ),
    Role(
        "bf94e731-3a51-4a7c-8c54-a1ab9971dfc1",
        "Container Registry Transfer Pipeline Contributor",
        (f"{ACR}/exportPipelines/*", f"{ACR}/importPipelines/*", f"{ACR}/pipelineRuns/*", f"{ACR}/read"),
    ),
    Role(
        "fb382eab-e894-4461-af04-94435c366c3f",
        "Container Registry Tasks Contributor",
        (
            f"{ACR}/read",
            f"{ACR}/agentpools/*",
            f"{ACR}/runs/*",
            f"{ACR}/tasks/*",
            f"{ACR}/taskRuns/*",
            f"{ACR}/scheduleRun/action",
            f"{ACR}/listBuildSourceUploadUrl/action",
            *DEPLOYMENTS,
        ),
    ),
    Role(
        "3bc748fc-213d-45c1-8d91-9da5725539b9",
        "Container Registry Contributor and Data Access Configuration Administrator",
        (f"{ACR}/*", "Microsoft.ContainerRegistry/locations/*", "Microsoft.Authorization/*/read", *DEPLOYMENTS),
        (f"{ACR}/pull/read", f"{ACR}/push/write", f"{ACR}/artifacts/delete", f"{ACR}/importImage/action"),
    ),
    Role(
        "69b07be0-09bf-439a-b9a6-e73de851bd59",
        "Container Registry Configuration Reader and Data Access Configuration Reader",
        (f"{ACR}/*/read", f"{ACR}/read", "Microsoft.Authorization/*/read"),
        (f"{ACR}/pull/read",),
    ),
    Role(
        "df87f177-bb12-4db1-9793-a413691eff94",
        "Container Registry Cache Rule Administrator",
        (f"{ACR}/cacheRules/*", f"{ACR}/read"),
    ),
    Role(
        "c357b964-0002-4b64-a50d-7a28f02edc52",
        "Container Registry Cache Rule Reader",
        (f"{ACR}/cacheRules/read", f"{ACR}/read"),
    ),
    Role(
        "f094fb07-0703-4400-ad6a-e16dd8000e14",
        "Container Registry Credential Set Administrator",
        (f"{ACR}/credentialSets/*", f"{ACR}/read"),
    ),
    Role(
        "29093635-9924-4f2c-913b-650a12949526",
        "Container Registry Credential Set Reader",
        (f"{ACR}/credentialSets/read", f"{ACR}/read"),
    ),
    Role(
        "4d97b98b-1d4f-4787-a291-c67834d212e7", "Network Contributor", ("Microsoft.Network/*", "*/read", *DEPLOYMENTS)
    ),
    Role(
        "b12aa53e-6015-4669-85d0-8515ebb3ae7f",
        "Private DNS Zone Contributor",
        ("Microsoft.Network/privateDnsZones/*", "Microsoft.Authorization/*/read", *DEPLOYMENTS),
    ),
    Role(
        "f1a07417-d97a-45cb-824c-7a7467783830",
        "Managed Identity Operator",
        ("Microsoft.ManagedIdentity/*/read", "*/assign/action"),
    ),
    Role(
        "4633458b-17de-408a-b874-0445c86b69e6",
        "Key Vault Secrets User",
        data_actions=(
            "Microsoft.KeyVault/vaults/secrets/getSecret/action",
            "Microsoft.KeyVault/vaults/secrets/readMetadata/action",
        ),
    ),
    Role(
        "b86a8fe4-44ce-4948-aee5-eccb2c155cd7",
        "Key Vault Secrets Officer",
        data_actions=("Microsoft.KeyVault/vaults/secrets/*",),
    ),
    Role(
        "e147488a-f6f5-4113-8e2d-b22465e65bf6",
        "Key Vault Crypto Service Encryption User",
        data_actions=(
            "Microsoft.KeyVault/vaults/keys/read",
            "Microsoft.KeyVault/vaults/keys/wrap/action",
            "Microsoft.KeyVault/vaults/keys/unwrap/action",
        ),
    ),
    Role("43d0d8ad-25c7-4714-9337-8ba259a9fe05", "Monitoring Reader", ("*/read",)),
    Role(
        "749f88d5-cbae-40b8-bcfc-e573ddc772fa",
        "Monitoring Contributor",
        ("*/read", "Microsoft.Insights/DiagnosticSettings/*"),
    ),
)
BY_ID = {role.id: role for role in BUILT_IN}
BY_NAME = {role.name.lower(): role for role in BUILT_IN}


def built_in(definition_id: str) -> Role | None:
    """Return the role of a `roleDefinitionId` (a full id or its GUID), if it is built in."""
    return BY_ID.get(definition_id.rstrip("/").rpartition("/")[2].lower())


def assignment(scope: str, object_id: str, role_name: str, guid: str) -> tuple[str, dict[str, Any]]:
    """Return the id and the body of a role assignment."""
    scope = "/" + scope.strip("/")
    subscription = "/".join(scope.split("/")[:3])
    properties = {
        "roleDefinitionId": f"{subscription}{DEFINITIONS}{BY_NAME[role_name.lower()].id}",
        "principalId": object_id,
        "principalType": "ServicePrincipal",
        "scope": scope,
        "condition": None,
        "conditionVersion": None,
    }
    return f"{scope}/providers/Microsoft.Authorization/roleAssignments/{guid}", {"properties": properties}
