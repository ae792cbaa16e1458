"""The check for unreadable evidence."""

from collections import defaultdict
from collections.abc import Iterator
from typing import Final

from acr_relocate.core.checks.access import provider_not_registered
from acr_relocate.core.checks.check import Violation, check
from acr_relocate.core.checks.read_failures import unread_violation
from acr_relocate.core.evidence.azure_facts import KeyVault, TargetResourceGroup
from acr_relocate.core.evidence.evidence import Evidence
from acr_relocate.core.evidence.unknown import UNREGISTERED, Unknown

# These have checks of their own, because without them nothing can be moved.
_CONTENT: Final = frozenset({"content", "target_content"})


@check("warning")
def could_not_be_read(evidence: Evidence) -> Iterator[Violation]:
    """Something could not be read, so the checks that need it stay silent. Nothing is concluded from it.

    Reported once for each missing permission, for all the evidence and checks that it affects.
    Source: F30.
    """
    hidden: dict[tuple[str, ...], dict[str, Unknown]] = defaultdict(dict)
    for unknown in _unknowns(evidence):
        if unknown.code == UNREGISTERED and any(provider_not_registered(evidence)):
            continue
        key = (unknown.action, unknown.scope) if unknown.action else (unknown.reason,)
        hidden[key][unknown.what or "something"] = unknown
    for found in hidden.values():
        message, remedy, scope = unread_violation(found, next(iter(found.values())))
        yield Violation(message, remedy, scope or evidence.source.id)
    for kind, reason in evidence.source.unread.items():
        what = f"the {kind} of {evidence.source.name}"
        yield unread_violation([what], Unknown(reason=reason, scope=evidence.source.id))


def _unknowns(evidence: Evidence) -> Iterator[Unknown]:
    """Yield every unknown in the evidence, wherever it is."""
    pending: list[object] = [getattr(evidence, name) for name in Evidence.model_fields if name not in _CONTENT]
    while pending:
        value = pending.pop(0)
        if isinstance(value, Unknown) and value.asked:
            yield value
        elif isinstance(value, dict):
            pending += value.values()
        elif isinstance(value, TargetResourceGroup | KeyVault):
            pending += [getattr(value, name) for name in type(value).model_fields]
