"""Compare the addresses and headers of webhooks without revealing them, because both are secret."""

from __future__ import annotations

from collections.abc import Iterator

from acr_relocate.core.evidence.unknown import Unknown
from acr_relocate.core.model import FrozenModel
from acr_relocate.core.verification.differences import Difference, difference

CAUSE = "It was changed at one of the registries after the deployment: Azure hides it from readers of a webhook."


class Callbacks(FrozenModel):
    """The comparison of one webhook that both registries have. Contains no secret.

    `headers_here` and `headers_there` are the names of its headers, in lower case; `other_values` those that both
    have with different values.
    """

    webhook: str
    same_address: bool
    names_source: bool = False
    headers_here: tuple[str, ...] = ()
    headers_there: tuple[str, ...] = ()
    other_values: tuple[str, ...] = ()


def compare_callbacks(source: str, target: str, found: tuple[Callbacks, ...] | Unknown) -> tuple[Difference, ...]:
    """Return each webhook with another address or other headers at the registries of these names.

    Missing permission is reported by `not_asked`.
    """
    return () if isinstance(found, Unknown) else tuple(one for each in found for one in _compared(source, target, each))


def not_asked(found: tuple[Callbacks, ...] | Unknown) -> str:
    """Return why the webhook addresses are unknown, or an empty string.

    That is not a difference: reading a secret needs a permission that a comparison does not otherwise need.
    """
    return f"; the addresses of the webhooks were not compared: {found.reason}" if isinstance(found, Unknown) else ""


def _compared(source: str, target: str, found: Callbacks) -> Iterator[Difference]:
    name = f"webhooks/{found.webhook}"
    show = f"`az acr webhook get-config --registry {source} --name {found.webhook}` shows the source's; "
    change = f"az acr webhook update --registry {target} --name {found.webhook}"
    if not found.same_address:
        yield difference(
            "setting",
            f"{name}.serviceUri",
            f"{name} calls another address at the target (both are secret)",
            sides=("not shown", "not shown"),
            cause=CAUSE,
            remedy=f"{show}{change} --uri ADDRESS sets it.",
        )
    if found.names_source:
        yield difference(
            "mention",
            f"{name}: address",
            f"{name}: its address or one of its headers, which are secret, still names the source",
            sides=("", "not shown"),
            remedy=f"{change}, with the target's name there.",
        )
    here, there = (", ".join(sorted(names)) for names in (found.headers_here, found.headers_there))
    if here != there or found.other_values:
        yield difference(
            "setting",
            f"{name}.customHeaders",
            f"{name} sends the headers {there or 'none'} at the target; it should be {here or 'none'}"
            if here != there
            else f"{name} sends another value of {', '.join(found.other_values)} at the target (both are secret)",
            sides=(here, there),
            cause=CAUSE,
            remedy=f"{show}{change} --headers HEADERS sets them.",
        )
