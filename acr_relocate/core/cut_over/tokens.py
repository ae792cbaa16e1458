"""Passwords of tokens: new ones, straight into a key vault, because Azure shows a password only once."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from acr_relocate.core.cut_over.arm_calls import ArmCall, DoneWhen
from acr_relocate.core.cut_over.context import CutOverContext
from acr_relocate.core.cut_over.effects import Secret, StorePassword
from acr_relocate.core.cut_over.model import CutOverAction, ownership_tags
from acr_relocate.core.registry.inventory import Registry
from acr_relocate.core.registry.resource_types import STABLE

_FIRST: Final = "password1"


def token_actions(cut: CutOverContext) -> Iterator[CutOverAction]:
    """Yield a new password for each one that a token had, if the request names a key vault for them."""
    had = token_passwords(cut.source)
    for token in cut.target.children_of("tokens"):
        for name in had.get(token.name, ()) if cut.request.token_vault else ():
            yield _password(cut, token.name, name)


def lacking_passwords(source: Registry, target: Registry) -> tuple[tuple[str, str], ...]:
    """Return the target's tokens that lack a password which the source's has, each with the password's name."""
    there, held = {token.name for token in target.children_of("tokens")}, token_passwords(target)
    return tuple(
        (token, name)
        for token, names in sorted(token_passwords(source).items())
        for name in names
        if token in there and name not in held.get(token, ())
    )


def token_passwords(registry: Registry) -> dict[str, tuple[str, ...]]:
    """Return the names of each token's passwords, `password1` and `password2`; Azure never shows their values."""
    return {token.name: names for token in registry.children_of("tokens") if (names := _names(token.properties))}


def _names(properties: dict[str, Any]) -> tuple[str, ...]:
    held = (properties.get("credentials") or {}).get("passwords") or ()
    return tuple(sorted({str(one["name"]) for one in held}))


def secret_name(registry: str, token: str, password: str) -> str:
    """Return the name of the password's secret: letters, digits and hyphens, as key vaults require."""
    return f"{registry}-token-{token}" + ("" if password == _FIRST else f"-{password}")


def _password(cut: CutOverContext, token: str, password: str) -> CutOverAction:
    target_id = cut.request.target_id
    token_id, name = f"{target_id}/tokens/{token}", secret_name(cut.request.target.name, token, password)
    body = {"tokenId": token_id, "name": password}
    shown = f"password of the token {token}" if password == _FIRST else f"{password} of the token {token}"
    return CutOverAction(
        id=f"{token_id.lower()}/{password}",
        kind="tokens",
        about=(f"{cut.source.id}/tokens/{token}",),
        subject=shown,
        what=f"generate the {shown} and put it into {cut.request.token_vault} as {name}",
        call=ArmCall(method="POST", path=f"{target_id}/generateCredentials", api_version=STABLE, body=body),
        look=DoneWhen(
            call=ArmCall(method="GET", path=token_id, api_version=STABLE),
            expected={"properties": {"credentials": {"passwords": [{"name": password}]}}},
        ),
        effect=StorePassword(
            secret=Secret(
                vault=cut.request.token_vault,
                name=name,
                tags=ownership_tags(cut.request, {"registry": target_id, "token": token}),
            )
        ),
        wave=1,
    )
