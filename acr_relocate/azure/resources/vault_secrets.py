"""Store secrets in key vaults, over their own API, without ever reading them back.

Four calls over our own HTTP client: azure-keyvault-secrets would be one more dependency.
"""

from __future__ import annotations

from typing import Any, Final
from urllib.parse import quote, urlsplit

from acr_relocate.azure.client.arm import address
from acr_relocate.azure.client.errors import contact
from acr_relocate.azure.client.refusals import read_refusal
from acr_relocate.azure.client.session import AzureConnection
from acr_relocate.core.cut_over import Secret, holds_expected
from acr_relocate.core.errors import AccessDenied, AlreadyExists, NotFound, RelocationError, TemporaryFailure

_API_VERSION: Final = "7.4"
# A name that DNS does not resolve, directly or through a proxy, as for a vault that does not exist.
WITHOUT_ADDRESS: Final = frozenset({"ClientConnectorDNSError", "ClientHttpProxyError"})
VAULT_RIGHTS: Final = "Assign Key Vault Secrets Officer at the key vault, and make it reachable from here."


async def holds_secret(azure: AzureConnection, secret: Secret) -> bool:
    """Return whether the vault has the secret with our tags. Only names and tags are listed, no value."""
    doing = f"Looking for the secret {secret.name} in the key vault {secret.vault}"
    path: str | None = f"/secrets/{quote(secret.name)}/versions"
    seen: set[str] = set()
    while path is not None and path not in seen:
        seen.add(path)
        answer = await _call(azure, secret, "GET", path, doing) or {}
        if any(holds_expected(secret.tags, version.get("tags")) for version in answer.get("value") or ()):
            return True
        path = _next_page(azure, secret, answer)
    return False


async def store(azure: AzureConnection, secret: Secret, value: str) -> None:
    """Store the value with our tags as the secret's newest version."""
    doing = f"Putting the secret {secret.name} into the key vault {secret.vault}"
    body = {"value": value, "tags": secret.tags, "contentType": "password of a registry token"}
    if await _call(azure, secret, "PUT", f"/secrets/{quote(secret.name)}", doing, json=body) is None:
        raise NotFound(f"{doing} failed: there is no such key vault", resource=secret.vault)


def _next_page(azure: AzureConnection, secret: Secret, answer: dict[str, Any]) -> str | None:
    """Return the path of the next page, if it is in the same vault: our token goes to no other host."""
    following = str(answer.get("nextLink") or "")
    if not following:
        return None
    if address(following) != address(f"https://{azure.vault(secret.vault).host}"):
        raise RelocationError(f"The key vault {secret.vault} leads to another host", resource=secret.vault)
    parts = urlsplit(following)
    return f"{parts.path}?{parts.query}"


async def _call(
    azure: AzureConnection, secret: Secret, method: str, path: str, doing: str, **body: Any
) -> dict[str, Any] | None:
    """Return the answer, or None for a 404."""
    wire = azure.vault(secret.vault)
    with contact(doing, wire.host):
        token = await azure.vault_token()
    headers = {"Authorization": f"Bearer {token}"}
    try:
        reply = await wire.send(
            method,
            path if "?" in path else f"{path}?api-version={_API_VERSION}",
            kind="reads" if method == "GET" else "writes",
            doing=doing,
            headers=headers,
            **body,
        )
    except TemporaryFailure as error:
        if error.code not in WITHOUT_ADDRESS:
            raise
        raise NotFound(
            f"{doing} failed: {wire.host} cannot be resolved from here",
            code="VaultNotFound",
            resource=wire.host,
            remedy=f"Correct token_vault, or create the vault: az keyvault show --name {secret.vault}",
        ) from None
    if reply.status == 404:
        return None
    if reply.status in {401, 403}:
        raise AccessDenied(f"{doing} failed: the key vault refuses", resource=wire.host, remedy=VAULT_RIGHTS)
    if reply.status == 409 and "ObjectIsBeingDeleted" in read_refusal(reply.refusal).inner:
        raise wire.error(reply, doing)  # retried: it takes seconds
    if reply.status == 409:  # ObjectIsDeletedButRecoverable, key-vault/general/soft-delete-overview
        raise AlreadyExists(
            f"{doing} failed: the key vault keeps a deleted secret of that name",
            resource=wire.host,
            remedy=f"az keyvault secret recover --vault-name {secret.vault} --name {secret.name}   # then run again",
        )
    if reply.status >= 400:
        raise wire.error(reply, doing)
    return reply.json(doing)
