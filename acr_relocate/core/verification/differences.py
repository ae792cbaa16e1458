"""A difference between source and target, its likely cause, and its remedy."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Final, Literal

from acr_relocate.core.model import FrozenModel

DifferenceKind = Literal[
    "repository",
    "tag",
    "manifest",
    "child",
    "referrer",
    "attributes",
    "properties",
    "blob",
    "setting",
    "network",
    "dependent",
    "mention",
    "unread",
    "extra",
]

SYNC: Final = "`acr-relocate sync` imports the missing content."
_RUN: Final = "`acr-relocate run` creates what is missing, or set it manually at the target."
_CUT_OVER: Final = "`acr-relocate cut-over` creates what is missing, or create it manually."

# Kind -> the likely cause, and the remedy, unless the check gives better ones.
_EXPLAINED: Final[dict[DifferenceKind, tuple[str, str]]] = {
    "repository": (
        "It was pushed after the last import, was deleted at the target, or hides there (listEnabled is off).",
        SYNC,
    ),
    "tag": ("It was pushed after the last import, or deleted at the target.", SYNC),
    "manifest": ("It was pushed after the last import, or deleted at the target.", SYNC),
    "child": ("The index arrived, and this part of it was deleted at the target since.", SYNC),
    "referrer": ("It was attached after the last import, or deleted at the target.", SYNC),
    "attributes": ("Imports do not carry locks, or one was changed since.", "`acr-relocate run` sets the locks again."),
    "properties": (
        "The two registries contradict each other about the same bytes.",
        "Delete the manifest at the target, then `acr-relocate sync`.",
    ),
    "blob": (
        "It was deleted at the target or is damaged there.",
        "Delete the manifest at the target, then `acr-relocate sync`; if it stays so, ask Azure's support.",
    ),
    "setting": ("It was changed at the source after the deployment, or manually at the target.", _RUN),
    "network": ("The network of the target does not fit its private endpoints.", _CUT_OVER),
    "dependent": ("The cut-over has not been done, or it was changed since.", _CUT_OVER),
    "mention": (
        "It was written manually, or came with a setting that is carried unchanged.",
        "Write the target's name there.",
    ),
    "unread": (
        "This identity may not read it, or it is unreachable from here.",
        "Give the identity the right to read it, or compare from where it can be reached.",
    ),
    "extra": ("It was created at the target, or deleted at the source, after the relocation.", "Nothing, if intended."),
}


class Difference(FrozenModel):
    """One difference: of a tag, a digest, a setting or a resource. `source` and `target` are the values of each.

    The kind `extra` exists only at the target, `unread` could not be compared. Only content has a repository.
    """

    kind: DifferenceKind
    repository: str
    subject: str
    source: str
    target: str
    message: str
    cause: str = ""
    remedy: str = ""


def difference(
    kind: DifferenceKind,
    subject: str,
    message: str,
    *,
    sides: Sequence[str] = ("", ""),
    repository: str = "",
    cause: str = "",
    remedy: str = "",
) -> Difference:
    """Return the difference. `sides` are the values of source and target; cause and remedy default to the kind's."""
    usual = _EXPLAINED[kind]
    return Difference(
        kind=kind,
        repository=repository,
        subject=subject,
        source=sides[0],
        target=sides[1],
        message=message,
        cause=cause or usual[0],
        remedy=remedy or usual[1],
    )


def unclean(differences: Iterable[Difference], *, strict: bool = False) -> tuple[Difference, ...]:
    """Return the differences that count: all, but extra content at the target counts only if `strict`."""
    return tuple(one for one in differences if strict or one.kind != "extra")


def unread_difference(what: str, reason: Any) -> Difference:
    """Return the difference that something could not be compared: it may or may not be equal."""
    return difference("unread", what, f"{what} could not be compared: {reason}")
