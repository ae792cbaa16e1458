"""Checks of what the running identity may do: locks, registration, permissions."""

from collections.abc import Iterator
from fnmatch import fnmatchcase
from typing import Final

from acr_relocate.core.checks.evidence import Evidence, PermissionSet, Unknown
from acr_relocate.core.checks.reading import could_not_be_read
from acr_relocate.core.findings import Finding

_REGISTRIES: Final = "Microsoft.ContainerRegistry/registries"

SOURCE_ACTIONS: Final = (f"{_REGISTRIES}/read", f"{_REGISTRIES}/pull/read")
TARGET_ACTIONS: Final = (
    "Microsoft.Resources/deployments/write",
    f"{_REGISTRIES}/write",
    f"{_REGISTRIES}/importImage/action",
)
WEBHOOK_ACTION: Final = f"{_REGISTRIES}/webhooks/getCallbackConfig/action"


def read_only_lock(evidence: Evidence) -> Iterator[Finding]:
    """A ReadOnly lock is on the source or the target: Azure refuses every POST and PUT below it, imports too."""
    if isinstance(evidence.locks, Unknown):
        yield could_not_be_read("the management locks", evidence.locks)
        return
    webhooks = evidence.source.children_of("webhooks")
    for lock in evidence.locks:
        on_target = f"{evidence.request.target_id}/".lower().startswith(f"{lock.scope}/".lower())
        if lock.level == "ReadOnly" and (on_target or webhooks):
            why = "nothing can be deployed there" if on_target else "the addresses of its webhooks cannot be read"
            yield Finding(
                code="read_only_lock",
                severity="blocker",
                message=f"Lock {lock.name} on {lock.scope} is ReadOnly: {why}.",
                remedy=f"Remove it for the relocation: az lock delete --name {lock.name} --ids "
                f"{lock.scope}/providers/Microsoft.Authorization/locks/{lock.name}",
                resource=lock.scope,
            )


def provider_not_registered(evidence: Evidence) -> Iterator[Finding]:
    """A subscription is not registered for container registries; both sides of an import must be."""
    if isinstance(evidence.providers, Unknown):
        yield could_not_be_read("whether Microsoft.ContainerRegistry is registered", evidence.providers)
        return
    for subscription, state in evidence.providers.items():
        if state != "Registered":
            yield Finding(
                code="provider_not_registered",
                severity="blocker",
                message=f"Microsoft.ContainerRegistry is {state} in subscription {subscription}.",
                remedy=f"az provider register --namespace Microsoft.ContainerRegistry --subscription {subscription}",
                resource=f"/subscriptions/{subscription}",
            )


def permission_missing(evidence: Evidence) -> Iterator[Finding]:
    """The running identity lacks an action that a later step needs, at the scope where it needs it."""
    source_scope = evidence.source.id.lower()
    for scope, granted in evidence.permissions.items():
        if isinstance(granted, Unknown):
            yield could_not_be_read(f"the permissions at {scope}", granted, scope)
            continue
        for action in _source_actions(evidence) if scope.lower() == source_scope else TARGET_ACTIONS:
            if not any(_grants(permission, action) for permission in granted):
                yield _missing(action, scope)


def _source_actions(evidence: Evidence) -> tuple[str, ...]:
    return (*SOURCE_ACTIONS, WEBHOOK_ACTION) if evidence.source.children_of("webhooks") else SOURCE_ACTIONS


def _grants(permission: PermissionSet, action: str) -> bool:
    """Whether a role grants the action: wildcards match any part, case does not matter, notActions take away."""
    return _matches(permission.actions, action) and not _matches(permission.not_actions, action)


def _matches(patterns: tuple[str, ...], action: str) -> bool:
    return any(fnmatchcase(action.lower(), pattern.lower()) for pattern in patterns)


def _missing(action: str, scope: str) -> Finding:
    role = "Contributor"
    if action.endswith(("pull/read", "importImage/action")):
        role = "Container Registry Data Importer and Data Reader"
    return Finding(
        code="permission_missing",
        severity="blocker",
        message=f"The running identity may not {action} at {scope}.",
        remedy=f'az role assignment create --role "{role}" --scope {scope} --assignee-object-id OBJECT-ID '
        "--assignee-principal-type ServicePrincipal",
        resource=scope,
    )
