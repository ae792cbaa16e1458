"""The examples of the public REST specification for Microsoft.ContainerRegistry 2025-11-01, by name.

Requests of our own with the same shape, and the shape of what is answered: for each property its type. The names are
those of Azure/azure-rest-api-specs, Registry/stable/2025-11-01/examples; its texts and values are not here.
"""

from dataclasses import dataclass
from typing import Any, Final

Json = dict[str, Any]
Shape = Any  # a type, a tuple of types, a list with the shape of its entries, or the shapes of an object's properties

ABSENT: Final = type(None)
BASE: Final[Json] = {"id": str, "name": str, "type": str}
STATUS: Final[Json] = {"status": str}

REGISTRY: Final[Json] = BASE | {
    "location": str,
    "tags": dict,
    "sku": {"name": str, "tier": str},
    "properties": {
        "loginServer": str,
        "creationDate": str,
        "provisioningState": str,
        "adminUserEnabled": bool,
        "policies": {
            "quarantinePolicy": STATUS,
            "trustPolicy": {"type": str, "status": str},
            "retentionPolicy": {"days": int, "lastUpdatedTime": str, "status": str},
            "exportPolicy": STATUS,
            "azureADAuthenticationAsArmPolicy": STATUS,
        },
        "encryption": STATUS,
        "dataEndpointEnabled": bool,
        "dataEndpointHostNames": list,
        "privateEndpointConnections": list,
        "publicNetworkAccess": str,
        "networkRuleBypassOptions": str,
        "networkRuleBypassAllowedForTasks": bool,
        "zoneRedundancy": str,
        "anonymousPullEnabled": bool,
        "roleAssignmentMode": str,
    },
}
PREMIUM: Final[Json] = REGISTRY | {
    "properties": REGISTRY["properties"] | {"networkRuleSet": {"defaultAction": str, "ipRules": list}}
}
PASSWORDS: Final[Json] = {"username": str, "passwords": [{"name": str, "value": str}]}
LINK: Final[Json] = BASE | {"properties": {"groupId": str, "requiredMembers": [str], "requiredZoneNames": [str]}}


@dataclass(frozen=True)
class Kind:
    """A kind of child: how one is made and changed, and what it looks like. `{id}` stands for the registry's id."""

    example: str
    path: str
    create: Json
    update: Json
    shape: Shape
    parents: tuple[tuple[str, Json], ...] = ()


SCOPE_MAP: Final[Json] = {
    "properties": {
        "description": "Builders",
        "actions": ["repositories/app/content/write", "repositories/app/content/delete"],
    }
}
MAPS: Final = (("scopeMaps/builders", SCOPE_MAP), ("scopeMaps/readers", SCOPE_MAP))
CERTIFICATE: Final = {"name": "certificate1", "encodedPemCertificate": "bm90IGEgcmVhbCBjZXJ0aWZpY2F0ZQ=="}
SYNC: Final[Json] = {"properties": {"scopeMapId": "{id}/scopeMaps/builders", "status": "enabled"}}
LOGIN: Final[Json] = {
    "name": "Credential1",
    "usernameSecretIdentifier": "https://examples.vault.azure.net/secrets/user",
    "passwordSecretIdentifier": "https://examples.vault.azure.net/secrets/word",
}
CREDENTIALS: Final[Json] = {
    "identity": {"type": "SystemAssigned"},
    "properties": {"loginServer": "docker.io", "authCredentials": [LOGIN]},
}
HOOK: Final[Json] = {
    "tags": {"team": "shop"},
    "properties": {
        "serviceUri": "https://hooks.example",
        "customHeaders": {"Authorization": "Basic bm8="},
        "status": "enabled",
        "scope": "app",
        "actions": ["push"],
    },
}
NOTIFICATIONS: Final[Json] = {
    "clientTokenIds": ["{id}/tokens/edge-client"],
    "notificationsList": ["app:*:*", "team/*/app:1.0:*"],
    "garbageCollection": {"enabled": True, "schedule": "0 5 * * *"},
}

KINDS: Final = (
    Kind(
        "CacheRule",
        "cacheRules/hub-rule",
        {
            "properties": {
                "sourceRepository": "docker.io/library/busybox",
                "targetRepository": "hub/busybox",
                "credentialSetResourceId": "{id}/credentialSets/hub-one",
            }
        },
        {"properties": {"credentialSetResourceId": "{id}/credentialSets/hub-two"}},
        BASE
        | {
            "properties": {
                "credentialSetResourceId": str,
                "sourceRepository": str,
                "targetRepository": str,
                "creationDate": str,
                "provisioningState": str,
            }
        },
        parents=(("credentialSets/hub-one", CREDENTIALS), ("credentialSets/hub-two", CREDENTIALS)),
    ),
    Kind(
        "ConnectedRegistry",
        "connectedRegistries/edgesite",
        {
            "properties": {
                "mode": "ReadWrite",
                "parent": {
                    "syncProperties": {
                        "tokenId": "{id}/tokens/edge-sync",
                        "schedule": "0 9 * * *",
                        "messageTtl": "P2D",
                        "syncWindow": "PT3H",
                    }
                },
            }
            | NOTIFICATIONS
        },
        {
            "properties": {
                "syncProperties": {"schedule": "0 0 */10 * *", "messageTtl": "P30D"},
                "logging": {"logLevel": "Debug", "auditLogStatus": "Enabled"},
            }
            | NOTIFICATIONS
        },
        BASE
        | {
            "properties": {
                "mode": str,
                "activation": STATUS,
                "parent": {"syncProperties": {"tokenId": str, "schedule": str, "messageTtl": str, "syncWindow": str}},
                "clientTokenIds": [str],
                "logging": {"logLevel": str, "auditLogStatus": str},
                "notificationsList": [str],
                "garbageCollection": {"enabled": bool, "schedule": str},
            }
        },
        parents=(*MAPS, ("tokens/edge-sync", SYNC), ("tokens/edge-client", SYNC)),
    ),
    Kind(
        "CredentialSet",
        "credentialSets/hub-login",
        CREDENTIALS,
        {
            "properties": {
                "authCredentials": [
                    LOGIN | {"usernameSecretIdentifier": "https://examples.vault.azure.net/secrets/other"}
                ]
            }
        },
        BASE
        | {
            "identity": {"principalId": str, "tenantId": str, "type": str},
            "properties": {
                "loginServer": str,
                "authCredentials": [
                    {
                        "name": str,
                        "usernameSecretIdentifier": str,
                        "passwordSecretIdentifier": str,
                        "credentialHealth": STATUS,
                    }
                ],
                "creationDate": str,
                "provisioningState": str,
            },
        },
    ),
    Kind(
        "Replication",
        "replications/francecentral",
        {
            "location": "francecentral",
            "tags": {"team": "shop"},
            "properties": {"regionEndpointEnabled": True, "zoneRedundancy": "Disabled"},
        },
        {"tags": {"team": "platform"}},
        BASE
        | {
            "location": str,
            "tags": dict,
            "properties": {
                "provisioningState": str,
                "status": {"timestamp": str},  # recordings show displayStatus only once the replica is ready
                "regionEndpointEnabled": bool,
                "zoneRedundancy": str,
            },
        },
    ),
    Kind(
        "ScopeMap",
        "scopeMaps/developers",
        SCOPE_MAP,
        {"properties": {"description": "Readers", "actions": ["repositories/app/content/read"]}},
        BASE | {"properties": {"creationDate": str, "type": str, "actions": [str], "provisioningState": str}},
    ),
    Kind(
        "Token",
        "tokens/builder",
        {
            "properties": {
                "scopeMapId": "{id}/scopeMaps/builders",
                "status": "disabled",
                "credentials": {"certificates": [CERTIFICATE]},
            }
        },
        {"properties": {"scopeMapId": "{id}/scopeMaps/readers", "credentials": {"certificates": [CERTIFICATE]}}},
        BASE
        | {
            "properties": {
                "creationDate": str,
                "scopeMapId": str,
                "provisioningState": str,
                "status": str,
                "credentials": {"certificates": [{"name": str}]},
            }
        },
        parents=MAPS,
    ),
    Kind(
        "Webhook",
        "webhooks/deployed",
        {"location": "westeurope"} | HOOK,
        HOOK,
        BASE
        | {
            "location": str,
            "tags": dict,
            "properties": {"status": str, "scope": str, "actions": [str], "provisioningState": str},
        },
    ),
)
