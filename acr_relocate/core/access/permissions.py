"""Compare the actions that calls need with the permissions that are granted."""

from collections.abc import Iterable
from fnmatch import fnmatchcase
from typing import Final

from acr_relocate.core.access.roles import LOG_DESTINATIONS, REPOSITORIES, ActionScope
from acr_relocate.core.evidence.azure_facts import PermissionSet, UserAssignedIdentity
from acr_relocate.core.evidence.evidence import Evidence
from acr_relocate.core.evidence.unknown import Unknown
from acr_relocate.core.registry.resource_ids import ResourceId
from acr_relocate.core.request.relocation import RelocationRequest


def granting(action: str, scope: str, role: str = "") -> str:
    """Return the command that grants a role with the action at the scope."""
    needed = role or ("Reader" if action.endswith("/read") else "Contributor")
    return (
        f'az role assignment create --role "{needed}" --scope {scope} --assignee-object-id OBJECT-ID '
        "--assignee-principal-type ServicePrincipal"
    )


IMPORTER: Final = "Container Registry Data Importer and Data Reader"


def missing_actions(actions: Iterable[str], granted: tuple[PermissionSet, ...] | Unknown | None) -> tuple[str, ...]:
    """Return the actions that no role grants; empty if the granted permissions are unknown.

    Actions on repositories are data actions.
    """
    if not isinstance(granted, tuple):
        return ()
    grants = {action: _grants_data if action.startswith(f"{REPOSITORIES}/") else _grants for action in actions}
    return tuple(action for action, by in grants.items() if not any(by(one, action) for one in granted))


def scopes_at(place: ActionScope, evidence: Evidence) -> tuple[str, ...]:
    """Return the resource ids at which an action of the place must be granted."""
    request = evidence.request
    scopes: dict[ActionScope, tuple[str, ...]] = {
        "source": (request.source.resource_id,),
        "source group": (source_group(request),),
        "source subscription": (f"/subscriptions/{request.source.subscription_id}",),
        "target group": (target_group(request),),
        "target subscription": (f"/subscriptions/{request.target_subscription_id}",),
        "subnets": tuple(sorted(set(request.subnets.values()))),
        "identities": tuple(one.id for one in evidence.identities.values() if isinstance(one, UserAssignedIdentity)),
        **{one.place: _destinations(evidence, name) for name, one in LOG_DESTINATIONS.items()},
        "rehearsal": (),  # not there yet, and no plan asks for it
        "dependents": (),  # as many as the actions of the cut-over have: core.cut_over.rights
    }
    return scopes[place]


def _destinations(evidence: Evidence, name: str) -> tuple[str, ...]:
    """Return the ids that the target's diagnostic settings have in the property of this name."""
    settings = evidence.design.registry.children_of("diagnosticSettings")
    return tuple(dict.fromkeys(str(one.properties[name]) for one in settings if one.properties.get(name)))


def target_group(request: RelocationRequest) -> str:
    """Return the id of the target's resource group."""
    return ResourceId(request.target_id).group_id


def source_group(request: RelocationRequest) -> str:
    """Return the id of the source's resource group."""
    return ResourceId(request.source.resource_id).group_id


def is_abac(evidence: Evidence) -> bool:
    """Return whether the source, and so the target, uses ABAC repository permissions."""
    return evidence.source.uses_abac


def _grants(permission: PermissionSet, action: str) -> bool:
    """Return whether a role grants the action: `*` matches any part, case is ignored, notActions are subtracted."""
    return _matches(permission.actions, action) and not _matches(permission.not_actions, action)


def _grants_data(permission: PermissionSet, action: str) -> bool:
    return _matches(permission.data_actions, action) and not _matches(permission.not_data_actions, action)


def _matches(patterns: tuple[str, ...], action: str) -> bool:
    return any(fnmatchcase(action.lower(), pattern.lower()) for pattern in patterns)
