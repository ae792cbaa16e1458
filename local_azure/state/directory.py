"""Principals and their tokens: Entra ID without its endpoints, which are in entra/."""

import time
import uuid
from collections.abc import Collection
from dataclasses import asdict, dataclass
from functools import cached_property
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric import ec

from local_azure.state.settings import (
    OPERATOR_CLIENT_ID,
    OPERATOR_OBJECT_ID,
    OPERATOR_SECRET,
    OWNER_CLIENT_ID,
    OWNER_OBJECT_ID,
    OWNER_SECRET,
    READER_CLIENT_ID,
    READER_OBJECT_ID,
    READER_SECRET,
    TENANT_ID,
)

KEY_ID = "local-azure"
SIGNING_SECRET = 0x10CA1A2E  # public on purpose: these tokens open nothing real
ARM_AUDIENCES = frozenset(
    {
        "https://management.azure.com",
        "https://management.core.windows.net",
        "https://management.chinacloudapi.cn",
        "https://management.core.chinacloudapi.cn",
        "https://management.usgovcloudapi.net",
        "https://management.core.usgovcloudapi.net",
    }
)
REGISTRY_AUDIENCES = ARM_AUDIENCES | {"https://containerregistry.azure.net"}
GRAPH_AUDIENCES = frozenset(
    {"https://graph.microsoft.com", "https://microsoftgraph.chinacloudapi.cn", "https://graph.microsoft.us"}
)
VAULT_AUDIENCES = frozenset({"https://vault.azure.net", "https://vault.azure.cn", "https://vault.usgovcloudapi.net"})
CACHED_TOKENS = 1000


@dataclass(frozen=True)
class Principal:
    """A service principal, a managed identity, or a group of them."""

    object_id: str
    client_id: str
    name: str
    secret: str = ""  # a managed identity has none
    kind: str = "Application"  # or ManagedIdentity, or Group
    members: Collection[str] = ()  # the object ids of a group's members


class InvalidTokenError(Exception):
    """The token is malformed, expired, not ours or for somebody else."""


class Directory:
    """The principals of the one tenant, and the keys that sign."""

    def __init__(self) -> None:
        self._principals: dict[str, Principal] = {}
        self._seen: dict[str, dict[str, Any]] = {}
        self.signed: list[str] = []
        """Every token that was given out."""
        self.add(Principal(OWNER_OBJECT_ID, OWNER_CLIENT_ID, "local-azure-owner", OWNER_SECRET))
        self.add(Principal(READER_OBJECT_ID, READER_CLIENT_ID, "local-azure-reader", READER_SECRET))
        self.add(Principal(OPERATOR_OBJECT_ID, OPERATOR_CLIENT_ID, "local-azure-operator", OPERATOR_SECRET))

    def add(self, principal: Principal) -> Principal:
        """Add the principal to the directory."""
        self._principals[principal.object_id.lower()] = principal
        return principal

    def add_identity(self, name: str, object_id: str | None = None, client_id: str | None = None) -> Principal:
        """Return a managed identity, user-assigned or of a resource."""
        object_id, client_id = object_id or str(uuid.uuid4()), client_id or str(uuid.uuid4())
        return self.add(Principal(object_id, client_id, name, kind="ManagedIdentity"))

    def add_group(self, object_id: str, name: str, members: Collection[str]) -> Principal:
        """Add a security group with these members."""
        return self.add(Principal(object_id, "", name, kind="Group", members=members))

    def groups_of(self, object_id: str) -> set[str]:
        """Return the object ids of a principal's groups, through other groups too, in lower case."""
        groups = [one for one in self._principals.values() if one.kind == "Group"]
        found, wanted = set[str](), {object_id.lower()}
        while wanted:
            holding = {one.object_id.lower() for one in groups if wanted & {member.lower() for member in one.members}}
            wanted = holding - found
            found |= wanted
        return found

    def remove(self, object_id: str) -> None:
        """Remove the principal."""
        self._principals.pop(object_id.lower(), None)

    def find(self, object_or_client_id: str) -> Principal | None:
        """Return the principal by object id or by client id."""
        wanted = object_or_client_id.lower()
        by_client = (one for one in self._principals.values() if one.client_id.lower() == wanted)
        return self._principals.get(wanted) or next(by_client, None)

    def all(self) -> list[Principal]:
        """Return all principals."""
        return list(self._principals.values())

    @cached_property
    def key(self) -> ec.EllipticCurvePrivateKey:
        """Return the signing key, the same in every process: az caches tokens, which a restart must accept."""
        return ec.derive_private_key(SIGNING_SECRET, ec.SECP256R1())

    def sign(self, claims: dict[str, Any], seconds: float) -> str:
        """Return a JWT with these claims that expires in so many seconds."""
        now = int(time.time())
        times = {"iat": now, "nbf": now, "exp": int(now + seconds)}
        token = jwt.encode(times | claims, self.key, algorithm="ES256", headers={"kid": KEY_ID})
        self.signed.append(token)
        return token

    def read(self, token: str, audience: Collection[str] | None = None) -> dict[str, Any]:
        """Return the claims of a token that we signed, that has not expired and, if asked, is for one of `audience`."""
        claims = self._seen.get(token)
        if claims is None:
            claims = self._verify(token)
        if claims["exp"] < time.time():
            raise InvalidTokenError("The access token has expired.")
        if audience is not None and str(claims.get("aud", "")).rstrip("/") not in audience:
            raise InvalidTokenError(
                f"The access token has been obtained for wrong audience or resource '{claims.get('aud')}'."
            )
        return claims

    def _verify(self, token: str) -> dict[str, Any]:
        try:
            claims: dict[str, Any] = jwt.decode(
                token,
                self.key.public_key(),
                ["ES256"],
                options={"verify_aud": False, "verify_exp": False, "verify_iat": False},
            )
        except jwt.PyJWTError as error:
            raise InvalidTokenError("The access token is invalid.") from error
        if len(self._seen) >= CACHED_TOKENS:
            self._seen.clear()
        self._seen[token] = claims
        return claims

    def access_token(self, principal: Principal, audience: str, seconds: float) -> str:
        """Issue an access token for an application."""
        claims = {
            "aud": audience,
            "iss": f"https://sts.windows.net/{TENANT_ID}/",
            "tid": TENANT_ID,
            "oid": principal.object_id,
            "sub": principal.object_id,
            "appid": principal.client_id,
            "idtyp": "app",
            "ver": "1.0",
            "jti": uuid.uuid4().hex,
        }
        return self.sign(claims, seconds)

    def principal_of(self, token: str, audience: Collection[str]) -> Principal:
        """Return the owner of an access token; InvalidTokenError if it is invalid for `audience`."""
        principal = self.find(str(self.read(token, audience).get("oid", "")))
        if principal is None:
            raise InvalidTokenError("The access token is of an unknown principal.")
        return principal

    def snapshot(self) -> list[dict[str, Any]]:
        """Return all principals, as JSON."""
        return [asdict(one) for one in self._principals.values()]

    def restore(self, state: list[dict[str, Any]]) -> None:
        """Restore the principals exactly."""
        self._principals.clear()
        for entry in state:
            self.add(Principal(**entry))
