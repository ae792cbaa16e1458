"""Passwords of tokens: new ones, since Azure tells a password once, straight into a key vault."""

from __future__ import annotations

from collections.abc import Iterator

from acr_relocate.core.arm_types import STABLE
from acr_relocate.core.cut_over.model import Action, Call, Look, Secret, our_tags
from acr_relocate.core.cut_over.scene import Cut
from acr_relocate.core.inventory import Registry


def actions(cut: Cut) -> Iterator[Action]:
    """Yield a new password for each token that had one, if the request names a key vault for them."""
    had = with_password(cut.source)
    for token in cut.target.children_of("tokens"):
        if cut.request.token_vault and token.name in had:
            yield _password(cut, token.name)


def lacking_passwords(source: Registry, target: Registry) -> tuple[str, ...]:
    """Return the tokens of the target with which nobody can sign in, as somebody can with the source's."""
    there = {token.name for token in target.children_of("tokens")}
    return tuple(sorted(with_password(source) & there - with_password(target)))


def with_password(registry: Registry) -> frozenset[str]:
    """Return the tokens that have a password. Which one, Azure tells nobody."""
    return frozenset(one.name for one in registry.children_of("tokens") if _has_password(one.properties))


def _has_password(properties: dict[str, object]) -> bool:
    credentials = properties.get("credentials")
    return isinstance(credentials, dict) and bool(credentials.get("passwords"))


def secret_name(registry: str, token: str) -> str:
    """Return the name of the secret that holds the password: letters, digits and hyphens, as vaults want it."""
    return f"{registry}-token-{token}"


def _password(cut: Cut, token: str) -> Action:
    target_id = cut.request.target_id
    token_id, name = f"{target_id}/tokens/{token}", secret_name(cut.request.target.name, token)
    body = {"tokenId": token_id, "name": "password1"}
    return Action(
        id=f"{token_id.lower()}/password1",
        kind="tokens",
        about=(f"{cut.source.id}/tokens/{token}",),
        subject=f"password of the token {token}",
        what=f"generate a password for the token {token} and put it into {cut.request.token_vault} as {name}",
        call=Call(method="POST", path=f"{target_id}/generateCredentials", api_version=STABLE, body=body),
        look=Look(
            call=Call(method="GET", path=token_id, api_version=STABLE),
            expected={"properties": {"credentials": {"passwords": [{"name": "password1"}]}}},
        ),
        secret=Secret(
            vault=cut.request.token_vault,
            name=name,
            tags=our_tags(cut.request, {"registry": target_id, "token": token}),
        ),
        no_undo="the password goes with the target; its secret stays in the key vault, where deleting is a person's",
        wave=1,
    )
