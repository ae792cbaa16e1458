"""Secrets in key vaults, over their own API: put there, and never read back.

Four calls, with our own wire: azure-keyvault-secrets would be a dependency more for them.
"""

from __future__ import annotations

from typing import Any, Final
from urllib.parse import quote

from acr_relocate.azure.client.errors import contact
from acr_relocate.azure.client.session import AzureConnection
from acr_relocate.core.cut_over import Secret, matches
from acr_relocate.core.errors import AccessDenied, AlreadyExists, NotFound

API_VERSION: Final = "7.4"
RIGHTS: Final = "Have Key Vault Secrets Officer assigned at the key vault, and reach it from here."


async def holds(azure: AzureConnection, secret: Secret) -> bool:
    """Whether the vault has the secret, with our tags. Of its versions only names and tags are listed, no value."""
    doing = f"Looking for the secret {secret.name} in the key vault {secret.vault}"
    answer = await _call(azure, secret, "GET", f"/secrets/{quote(secret.name)}/versions", doing)
    return any(matches(secret.tags, version.get("tags")) for version in (answer or {}).get("value") or ())


async def store(azure: AzureConnection, secret: Secret, value: str) -> None:
    """The vault's secret has the value and our tags, as its newest version."""
    doing = f"Putting the secret {secret.name} into the key vault {secret.vault}"
    body = {"value": value, "tags": secret.tags, "contentType": "password of a registry token"}
    if await _call(azure, secret, "PUT", f"/secrets/{quote(secret.name)}", doing, json=body) is None:
        raise NotFound(f"{doing} failed: there is no such key vault", resource=secret.vault)


async def _call(
    azure: AzureConnection, secret: Secret, method: str, path: str, doing: str, **body: Any
) -> dict[str, Any] | None:
    """The answer, or None for a 404."""
    wire = azure.vault(secret.vault)
    with contact(doing, wire.host):
        token = await azure.vault_token()
    headers = {"Authorization": f"Bearer {token}"}
    reply = await wire.send(
        method,
        f"{path}?api-version={API_VERSION}",
        kind="reads" if method == "GET" else "writes",
        doing=doing,
        headers=headers,
        **body,
    )
    if reply.status == 404:
        return None
    if reply.status in {401, 403}:
        raise AccessDenied(f"{doing} failed: the key vault refuses", resource=wire.host, remedy=RIGHTS)
    if reply.status == 409:  # ObjectIsDeletedButRecoverable, key-vault/general/soft-delete-overview
        raise AlreadyExists(
            f"{doing} failed: the key vault keeps a deleted secret of that name",
            resource=wire.host,
            remedy=f"az keyvault secret recover --vault-name {secret.vault} --name {secret.name}   # then run again",
        )
    if reply.status >= 400:
        raise wire.error(reply, doing)
    return reply.json(doing)
