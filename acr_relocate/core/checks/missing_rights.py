"""Compare needed actions with the permissions of the running identity, by Azure's own matching rules."""

from collections.abc import Iterable, Iterator

from acr_relocate.core.access.permissions import _grants_data, granting, missing_actions
from acr_relocate.core.checks.check import Violation
from acr_relocate.core.evidence.evidence import Evidence


def missing_action_findings(
    evidence: Evidence, scope: str, actions: Iterable[str], step: str, role: str
) -> Iterator[Violation]:
    """Yield a violation if the identity lacks one of the actions at the scope; nothing if its rights are unknown."""
    if lacks := missing_actions(actions, evidence.permissions.get(scope)):
        yield Violation(
            f"To {step}, the running identity lacks {', '.join(lacks)} at {scope}.",
            granting(lacks[0], scope, role),
            scope,
        )


def lacking_data(evidence: Evidence, scope: str, actions: Iterable[str], step: str, role: str) -> Iterator[Violation]:
    """Yield the same for data actions, which apply to the content of a registry in ABAC mode."""
    granted = evidence.permissions.get(scope)
    if isinstance(granted, tuple):
        lacks = [action for action in actions if not any(_grants_data(one, action) for one in granted)]
        if lacks:
            yield Violation(
                f"To {step}, the running identity lacks the data actions {', '.join(lacks)} at {scope}.",
                granting(lacks[0], scope, role),
                scope,
            )
