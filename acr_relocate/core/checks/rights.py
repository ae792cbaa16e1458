"""What the permissions of the running identity allow: Azure's own matching of actions, and what is lacking."""

from collections.abc import Iterable, Iterator
from fnmatch import fnmatchcase
from typing import Final

from acr_relocate.core.access_roles import Place
from acr_relocate.core.checks.evidence import Evidence, Identity, PermissionSet, Unknown
from acr_relocate.core.checks.reading import granting
from acr_relocate.core.checks.violations import Violation
from acr_relocate.core.request import RelocationRequest

IMPORTER: Final = "Container Registry Data Importer and Data Reader"


def lacking(evidence: Evidence, scope: str, actions: Iterable[str], step: str, role: str) -> Iterator[Violation]:
    """Yield the violation that the identity may not do all of this at the scope; nothing where that is not known."""
    if lacks := missing(actions, evidence.permissions.get(scope)):
        yield Violation(
            f"To {step}, the running identity lacks {', '.join(lacks)} at {scope}.",
            granting(lacks[0], scope, role),
            scope,
        )


def missing(actions: Iterable[str], granted: tuple[PermissionSet, ...] | Unknown | None) -> tuple[str, ...]:
    """Return the actions that nothing grants; none where it is not known what is granted."""
    if not isinstance(granted, tuple):
        return ()
    return tuple(action for action in actions if not any(_grants(one, action) for one in granted))


def lacking_data(evidence: Evidence, scope: str, actions: Iterable[str], step: str, role: str) -> Iterator[Violation]:
    """Yield the same for data actions, which are what counts on the content of a registry in ABAC mode."""
    granted = evidence.permissions.get(scope)
    if isinstance(granted, tuple):
        lacks = [action for action in actions if not any(_grants_data(one, action) for one in granted)]
        if lacks:
            yield Violation(
                f"To {step}, the running identity lacks the data actions {', '.join(lacks)} at {scope}.",
                granting(lacks[0], scope, role),
                scope,
            )


def scopes_at(place: Place, evidence: Evidence) -> tuple[str, ...]:
    """Return the ids at which a right of the place has to hold."""
    request = evidence.request
    scopes: dict[Place, tuple[str, ...]] = {
        "source": (request.source.resource_id,),
        "source group": (source_group(request),),
        "source subscription": (f"/subscriptions/{request.source.subscription_id}",),
        "target group": (target_group(request),),
        "target subscription": (f"/subscriptions/{request.target_subscription_id}",),
        "subnets": tuple(sorted(set(request.subnets.values()))),
        "identities": tuple(one.id for one in evidence.identities.values() if isinstance(one, Identity)),
        "dependents": (),  # as many as the actions of the cut-over have: core.cut_over.rights
    }
    return scopes[place]


def target_group(request: RelocationRequest) -> str:
    """Return the id of the target's resource group."""
    return request.target_id.split("/providers/")[0]


def source_group(request: RelocationRequest) -> str:
    """Return the id of the source's resource group."""
    return request.source.resource_id.split("/providers/")[0]


def is_abac(evidence: Evidence) -> bool:
    """Whether the source, and so the target, grants its content by repository."""
    return evidence.source.properties.get("roleAssignmentMode") == "AbacRepositoryPermissions"


def _grants(permission: PermissionSet, action: str) -> bool:
    """Whether a role grants the action: wildcards match any part, case does not matter, notActions take away."""
    return _matches(permission.actions, action) and not _matches(permission.not_actions, action)


def _grants_data(permission: PermissionSet, action: str) -> bool:
    return _matches(permission.data_actions, action) and not _matches(permission.not_data_actions, action)


def _matches(patterns: tuple[str, ...], action: str) -> bool:
    return any(fnmatchcase(action.lower(), pattern.lower()) for pattern in patterns)
