"""Sign with keys that stay in a key vault, over its own API.

Two calls over our own HTTP client: azure-keyvault-keys would be one more dependency.
Source: Key Vault REST API 7.4 (Get Key, Sign).
"""

from __future__ import annotations

import base64
from dataclasses import dataclass
from typing import Any, Final

from cryptography.hazmat.primitives.asymmetric import ec, rsa

from acr_relocate.azure.client.errors import contact
from acr_relocate.azure.client.session import AzureConnection
from acr_relocate.core.errors import AccessDenied, InvalidRequest, NotFound

_API_VERSION: Final = "7.4"
_CURVES: Final[dict[str, ec.EllipticCurve]] = {
    "P-256": ec.SECP256R1(),
    "P-384": ec.SECP384R1(),
    "P-521": ec.SECP521R1(),
}
VaultPublicKey = ec.EllipticCurvePublicKey | rsa.RSAPublicKey


@dataclass(frozen=True)
class SigningKey:
    """A version of a key: the vault's name, the path of the version, and its public part."""

    vault: str
    path: str
    public: VaultPublicKey


async def read_key(azure: AzureConnection, vault: str, path: str) -> SigningKey:
    """Return the key at `path`, /keys/NAME or /keys/NAME/VERSION; without a version the newest one. Raises NotFound."""
    doing = f"Reading the key {path} of the key vault {vault}"
    key = (await _call(azure, vault, "GET", path, doing))["key"]
    version = "/" + str(key["kid"]).split("/", 3)[3]
    return SigningKey(vault=vault, path=version, public=_public(key, doing))


async def sign_digest(azure: AzureConnection, key: SigningKey, algorithm: str, digest: bytes) -> bytes:
    """Return the vault's signature of the digest: ES256 and the like as two numbers of equal length, PS256 as bytes."""
    doing = f"Signing with the key {key.path} of the key vault {key.vault}"
    body = {"alg": algorithm, "value": _encoded(digest)}
    return _decoded((await _call(azure, key.vault, "POST", f"{key.path}/sign", doing, json=body))["value"])


def _public(key: dict[str, Any], doing: str) -> VaultPublicKey:
    if str(key.get("kty")).startswith("EC") and key.get("crv") in _CURVES:
        x, y = (int.from_bytes(_decoded(key[name])) for name in ("x", "y"))
        return ec.EllipticCurvePublicNumbers(x, y, _CURVES[key["crv"]]).public_key()
    if str(key.get("kty")).startswith("RSA"):
        e, n = (int.from_bytes(_decoded(key[name])) for name in ("e", "n"))
        return rsa.RSAPublicNumbers(e, n).public_key()
    raise InvalidRequest(f"{doing} failed: it cannot sign proofs", remedy="Use an RSA key, or EC with P-256 to P-521.")


async def _call(azure: AzureConnection, vault: str, method: str, path: str, doing: str, **body: Any) -> dict[str, Any]:
    wire = azure.vault(vault)
    with contact(doing, wire.host):
        token = await azure.vault_token()
    reply = await wire.send(
        method,
        f"{path}?api-version={_API_VERSION}",
        kind="reads" if method == "GET" else "writes",
        doing=doing,
        headers={"Authorization": f"Bearer {token}"},
        **body,
    )
    if reply.status in {401, 403}:
        remedy = "Assign Key Vault Crypto User at the key vault, and make it reachable from here."
        raise AccessDenied(f"{doing} failed: the key vault refuses", resource=wire.host, remedy=remedy)
    if reply.status == 404:
        raise NotFound(f"{doing} failed: there is no such key", resource=wire.host)
    if reply.status >= 400:
        raise wire.error(reply, doing)
    return reply.json(doing)


def _encoded(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


def _decoded(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
