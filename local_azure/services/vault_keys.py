"""Keys of key vaults that sign, over the vaults' own API.

Source: Key Vault REST API 7.4 (Create Key, Get Key, Sign).
"""

import base64
import uuid
from typing import Any, Final

from aiohttp import web
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import Prehashed, decode_dss_signature
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, load_pem_private_key

from local_azure.arm.vault_access import Right, may_use, vault_at
from local_azure.services.vault_secrets import RECOVERABLE
from local_azure.state.errors import AzureError
from local_azure.state.responses import answer
from local_azure.state.store import Resource
from local_azure.wire.routing import Call, Routes

ROUTES = Routes()

KEYS: Final = "keys"  # where a vault keeps them, hidden from ARM
CREATE: Final[Right] = ("Microsoft.KeyVault/vaults/keys/create/action", "create")
GET: Final[Right] = ("Microsoft.KeyVault/vaults/keys/read", "get")
SIGN: Final[Right] = ("Microsoft.KeyVault/vaults/keys/sign/action", "sign")
_CURVES: Final[dict[str, ec.EllipticCurve]] = {"P-256": ec.SECP256R1(), "P-384": ec.SECP384R1()}
_HASHES: Final = {"256": hashes.SHA256(), "384": hashes.SHA384()}


@ROUTES.route("POST", "/keys/{name}/create")
async def create_key(call: Call) -> web.Response:
    """Create a new version of the key."""
    vault, body = _vault(call, CREATE), await call.json()
    curve = body.get("crv", "P-256")
    key = ec.generate_private_key(_CURVES[curve]) if body.get("kty") == "EC" else rsa.generate_private_key(65537, 2048)
    pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
    kid = f"https://{call.host}/keys/{call.params.name}/{uuid.uuid4().hex}"
    version = {"kid": kid, "pem": pem, "created": int(call.world.clock.now())}
    vault.hidden.setdefault(KEYS, {}).setdefault(call.params.name.lower(), []).append(version)
    return answer(_view(version))


@ROUTES.route("GET", "/keys/{name}")
@ROUTES.route("GET", "/keys/{name}/{version}")
async def get_key(call: Call) -> web.Response:
    """Answer with the public part of a version, or of the newest one."""
    return answer(_view(_version(_vault(call, GET), call)))


@ROUTES.route("POST", "/keys/{name}/{version}/sign")
async def sign(call: Call) -> web.Response:
    """Sign a digest: ES256 and ES384 as two numbers of equal length (RFC 7518), PS256 as RSASSA-PSS."""
    version, body = _version(_vault(call, SIGN), call), await call.json()
    key, digest = load_pem_private_key(version["pem"].encode(), None), _decoded(body["value"])
    used = _HASHES[str(body["alg"])[2:]]
    if isinstance(key, rsa.RSAPrivateKey):
        signature = key.sign(digest, padding.PSS(padding.MGF1(used), used.digest_size), Prehashed(used))
    elif isinstance(key, ec.EllipticCurvePrivateKey):
        r, s = decode_dss_signature(key.sign(digest, ec.ECDSA(Prehashed(used))))
        size = (key.curve.key_size + 7) // 8
        signature = r.to_bytes(size) + s.to_bytes(size)
    else:
        raise TypeError(f"no key is created as {type(key)}")
    return answer({"kid": version["kid"], "value": _encoded(signature)})


def _vault(call: Call, right: Right) -> Resource:
    vault = vault_at(call.world, call.host)
    if vault is None or not may_use(call.world, call.caller, vault, right, KEYS):
        raise AzureError(403, "Forbidden", f"The caller does not have keys {right[1]} permission on it.", plain=True)
    return vault


def _version(vault: Resource, call: Call) -> dict[str, Any]:
    held: list[dict[str, Any]] = vault.hidden.get(KEYS, {}).get(call.params.name.lower(), [])
    wanted = call.params.get("version", "")
    for one in reversed(held):
        if one["kid"].endswith(f"/{wanted}" if wanted else ""):
            return dict(one)
    raise AzureError(404, "KeyNotFound", f"A key with (name/id) {call.params.name} was not found.", plain=True)


def _view(version: dict[str, Any]) -> dict[str, Any]:
    key = load_pem_private_key(version["pem"].encode(), None).public_key()
    told: dict[str, Any] = {"kid": version["kid"], "key_ops": ["sign", "verify"]}
    if isinstance(key, ec.EllipticCurvePublicKey):
        size, numbers = (key.curve.key_size + 7) // 8, key.public_numbers()
        names = {curve.name: name for name, curve in _CURVES.items()}
        told |= {"kty": "EC", "crv": names[key.curve.name]}
        told |= {"x": _encoded(numbers.x.to_bytes(size)), "y": _encoded(numbers.y.to_bytes(size))}
    elif isinstance(key, rsa.RSAPublicKey):
        told |= {"kty": "RSA", "n": _encoded(key.public_numbers().n.to_bytes(256)), "e": "AQAB"}
    stamps = {"created": version["created"], "updated": version["created"]}
    return {"key": told, "attributes": {"enabled": True, **stamps, **RECOVERABLE, "exportable": False}}


def _encoded(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


def _decoded(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
