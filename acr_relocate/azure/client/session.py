"""One connection to Azure per event loop: cloud, credential, sockets, budgets.

Environment variables, besides azure-identity's own (AZURE_TENANT_ID, AZURE_CLIENT_ID, AZURE_CLIENT_SECRET, ...):

| variable | default | says |
|---|---|---|
| ACR_RELOCATE_CLOUD | AzurePublic | AzurePublic, AzureChina or AzureUSGovernment: sets the three below |
| AZURE_AUTHORITY_HOST | login.microsoftonline.com | where identities sign in |
| ACR_RELOCATE_ARM_ENDPOINT | https://management.azure.com | Azure Resource Manager |
| ACR_RELOCATE_REGISTRY_AUDIENCE | https://containerregistry.azure.net | whom a registry's tokens are for |

Proxies, certificate authorities and the clock: worker_environment.py and sign_in.py.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from typing import Final
from weakref import WeakKeyDictionary

import aiohttp

from acr_relocate.azure.client.arm import Arm
from acr_relocate.azure.client.errors import readable_answers
from acr_relocate.azure.client.rate_limits import RateLimits
from acr_relocate.azure.client.registry_api import DataPlane
from acr_relocate.azure.client.registry_http import RegistryHttp
from acr_relocate.azure.client.registry_tokens import RegistryIdentity
from acr_relocate.azure.client.sign_in import SignIn
from acr_relocate.azure.client.worker_environment import settle_environment, trusted
from acr_relocate.core.errors import InvalidRequest
from acr_relocate.core.registry.rename_map import AS_AT_SOURCE, RenameMap

# More sockets than imports may be in flight; aiohttp's own limit of 100 would be the bottleneck.
SOCKETS: Final = 512
EMBEDDED_QUOTA: Final = "LocalAzure"


@dataclass(frozen=True)
class CloudSettings:
    """A cloud's endpoints: sign-in, Azure Resource Manager, registries, vaults, the portal."""

    name: str
    authority: str
    arm_endpoint: str
    arm_scope: str
    registry_audience: str = "https://containerregistry.azure.net"
    vault_suffix: str = "vault.azure.net"
    portal: str = "https://portal.azure.com"

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] = os.environ) -> CloudSettings:
        """Return the cloud that the environment names. Raises InvalidRequest for an unknown one."""
        name = environment.get("ACR_RELOCATE_CLOUD", "AzurePublic")
        cloud = {known.name.lower(): known for known in _CLOUDS}.get(name.lower())
        if cloud is None:
            allowed = ", ".join(known.name for known in _CLOUDS)
            raise InvalidRequest(f"ACR_RELOCATE_CLOUD is {name!r}, but must be one of {allowed}.")
        endpoint = environment.get("ACR_RELOCATE_ARM_ENDPOINT", "").rstrip("/")
        return replace(
            cloud,
            authority=environment.get("AZURE_AUTHORITY_HOST") or cloud.authority,
            arm_endpoint=endpoint or cloud.arm_endpoint,
            arm_scope=f"{endpoint}/.default" if endpoint else cloud.arm_scope,
            registry_audience=environment.get("ACR_RELOCATE_REGISTRY_AUDIENCE") or cloud.registry_audience,
        )


_CLOUDS: Final = (
    CloudSettings(
        "AzurePublic",
        "login.microsoftonline.com",
        "https://management.azure.com",
        "https://management.azure.com/.default",
    ),
    CloudSettings(
        "AzureChina",
        "login.chinacloudapi.cn",
        "https://management.chinacloudapi.cn",
        "https://management.chinacloudapi.cn/.default",
        vault_suffix="vault.azure.cn",
        portal="https://portal.azure.cn",
    ),
    CloudSettings(
        "AzureUSGovernment",
        "login.microsoftonline.us",
        "https://management.usgovcloudapi.net",
        "https://management.core.usgovcloudapi.net/.default",
        vault_suffix="vault.usgovcloudapi.net",
        portal="https://portal.azure.us",
    ),
)


class AzureConnection:
    """All connections to Azure for one identity."""

    def __init__(self, cloud: CloudSettings) -> None:
        settle_environment()
        connector = aiohttp.TCPConnector(limit=SOCKETS, ssl=trusted())
        self._session = aiohttp.ClientSession(
            connector=connector, trust_env=True, cookie_jar=aiohttp.DummyCookieJar(), auto_decompress=True
        )
        self._credential = SignIn(self._session, cloud.authority)
        self._identity = RegistryIdentity(self._credential, f"{cloud.registry_audience}/.default")
        self._data_planes: dict[str, DataPlane] = {}
        self.cloud = cloud
        self.budgets = RateLimits()
        self.arm = Arm(self._session, self._credential, cloud.arm_endpoint, cloud.arm_scope, self.budgets)

    def data_plane(self, login_server: str, names: RenameMap = AS_AT_SOURCE) -> DataPlane:
        """Return the client for a registry's content; the same one each time, with its tokens.

        `names`: how the registry calls the source's repositories.
        """
        name = login_server.lower()
        if name not in self._data_planes:
            self._data_planes[name] = DataPlane(name, self._session, self._identity, self.budgets)
        return self._data_planes[name].named(names) if names.rules else self._data_planes[name]

    def vault(self, name: str) -> RegistryHttp:
        """Return the client for the secrets of a key vault."""
        return RegistryHttp(f"{name.lower()}.{self.cloud.vault_suffix}", self._session, self.budgets)

    async def vault_token(self) -> str:
        """Return an Entra ID token for key vaults; azure-identity caches it."""
        return (await self._credential.get_token(f"https://{self.cloud.vault_suffix}/.default")).token

    async def own_ids(self) -> tuple[str, ...]:
        """Return the ids of the running identity in logs and role assignments."""
        return await self._identity.ids()

    async def embedded(self) -> bool:
        """Return whether this is the embedded Azure: every visible subscription says so."""
        subscriptions = await self.arm.list("/subscriptions", "2022-12-01", doing="Reading the subscriptions")
        quotas = [entry.get("subscriptionPolicies", {}).get("quotaId") for entry in subscriptions]
        return bool(quotas) and all(quota == EMBEDDED_QUOTA for quota in quotas)

    async def close(self) -> None:
        """Close sockets, sessions and credentials."""
        await self._credential.close()
        await self._session.close()


@dataclass
class _Shared:
    azure: AzureConnection
    users: int = 0


_connections: WeakKeyDictionary[asyncio.AbstractEventLoop, _Shared] = WeakKeyDictionary()


@asynccontextmanager
async def connection() -> AsyncIterator[AzureConnection]:
    """Return the connection of this event loop: created by its first user, shared by all, closed by the last."""
    loop = asyncio.get_running_loop()
    shared = _connections.get(loop)
    if shared is None:
        shared = _connections[loop] = _Shared(AzureConnection(CloudSettings.from_environment()))
    shared.users += 1
    try:
        with readable_answers():
            yield shared.azure
    finally:
        shared.users -= 1
        if shared.users == 0:
            del _connections[loop]
            await shared.azure.close()
