"""Compare the credentials of tokens: passwords and certificates, by name and expiry. No value is known."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any, Final

from acr_relocate.core.registry.inventory import Child, Registry
from acr_relocate.core.verification.differences import Difference, difference

Json = dict[str, Any]
ENDLESS: Final = datetime.max.replace(tzinfo=UTC)
NEW_NEEDED: Final = "Azure shows no password, so generate new ones; or they have expired since."
MAKE: Final = "`acr-relocate passwords` makes one and shows it; with `token_vault` the cut-over keeps it."
REGENERATE: Final = "az acr token credential generate --registry {} --name {} --{}"
CERTIFY: Final = "Give the token of the target the same certificate: its public part, until the same day."


def compare_credentials(source: Registry, target: Registry, seen_at: datetime | None) -> Iterator[Difference]:
    """Yield each credential that works at one registry and not, or not as long, at the other.

    Those that had expired at `seen_at` are ignored.
    """
    have = {token.name.lower(): token for token in target.children_of("tokens")}
    for token in source.children_of("tokens"):
        if found := have.get(token.name.lower()):
            yield from _compared(target.name, token.name, _lasting(token, seen_at), _lasting(found, seen_at))


def _compared(target: str, token: str, here: dict[str, datetime], there: dict[str, datetime]) -> Iterator[Difference]:
    for name in sorted(here.keys() | there.keys()):
        subject, want, have = f"token {token}: {name}", here.get(name), there.get(name)
        if have is None:
            message = f"the token {token} has no {name} at the target that holds"
            remedy = MAKE if _is_password(name) else CERTIFY
            yield difference("dependent", subject, message, sides=(_end(want), ""), cause=NEW_NEEDED, remedy=remedy)
        elif want is None:
            message = f"the token {token} has a {name} at the target alone"
            yield difference("extra", subject, message, sides=("", _end(have)))
        elif want != have:
            yield _other_end(target, token, name, want, have)


def _other_end(target: str, token: str, name: str, want: datetime, have: datetime) -> Difference:
    """Return the difference in expiry. A longer life at the target locks out no client: reported, but not counted."""
    again = REGENERATE.format(target, token, name) + (f" --expiration {want.isoformat()}" if want < ENDLESS else "")
    return difference(
        "dependent" if have < want else "extra",
        f"token {token}: {name}",
        f"the {name} of the token {token} {_end(have)} at the target; at the source it {_end(want)}",
        sides=(_end(want), _end(have)),
        cause="It was created with another expiry, or regenerated since.",
        remedy=again if _is_password(name) else CERTIFY,
    )


def _is_password(name: str) -> bool:
    return name.startswith("password")


def _end(when: datetime | None) -> str:
    if when is None:
        return ""
    return "never ends" if when == ENDLESS else f"ends at {when.isoformat()}"


def _lasting(token: Child, seen_at: datetime | None) -> dict[str, datetime]:
    """Return the expiry of each password and certificate, by name, without the expired ones."""
    credentials: Json = token.properties.get("credentials") or {}
    ends = {
        str(one.get("name")): _when(one.get("expiry"))
        for kind in ("passwords", "certificates")
        for one in credentials.get(kind) or ()
    }
    return {name: end for name, end in ends.items() if not (seen_at and end <= seen_at)}


def _when(expiry: str | None) -> datetime:
    if not expiry:
        return ENDLESS
    read = datetime.fromisoformat(expiry)
    return read if read.tzinfo else read.replace(tzinfo=UTC)
