"""Resources that a relocation connects to its target: private endpoints, diagnostic settings, management locks.

A rehearsal makes an endpoint and a setting for a moment, one after the other, to see whether Azure takes them with the
subnets and destinations of the request. The locks are put on the small source, and the relocation replays them.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from pydantic import Field

from acr_relocate.core.cut_over.arm_calls import ArmCall
from acr_relocate.core.cut_over.deferred import LOCK_CHANGES_API
from acr_relocate.core.evidence.azure_facts import Lock
from acr_relocate.core.evidence.unknown import Unknown
from acr_relocate.core.findings import Finding
from acr_relocate.core.model import FrozenModel
from acr_relocate.core.registry.inventory import Child, Registry
from acr_relocate.core.registry.resource_ids import ResourceId
from acr_relocate.core.rehearsal.rehearsal import MOST_OF_A_KIND, LockLevel, Rehearsal
from acr_relocate.core.request.identity import PLAN_TAG
from acr_relocate.core.request.relocation import RelocationRequest
from acr_relocate.core.target.children import api_version
from acr_relocate.core.target.edited_template import target_design

_LEVELS: Final[tuple[LockLevel, ...]] = ("CanNotDelete", "ReadOnly")
_SINKS: Final = ("workspaceId", "marketplacePartnerId", "storageAccountId", "eventHubAuthorizationRuleId")
LOCK_RIGHTS: Final = ("Microsoft.Authorization/locks/write", "Microsoft.Authorization/locks/delete")


class Connected(FrozenModel):
    """The endpoints and settings of the future target, and the levels of the locks that it gets.

    `not_made`: why a kind is not rehearsed although the source has some, by the kind.
    """

    endpoints: tuple[Child, ...] = ()
    settings: tuple[Child, ...] = ()
    locks: tuple[LockLevel, ...] = ()
    not_made: dict[str, str] = Field(default_factory=dict)

    def why_none(self, kind: str) -> str:
        """Return why none of the kind is made."""
        return self.not_made.get(kind, "the target gets none")


class Trial(FrozenModel):
    """A resource that is made for a moment; `subject` is what it stands for."""

    subject: str
    call: ArmCall


def connected_to(
    source: Registry, locks: tuple[Lock, ...] | Unknown, request: RelocationRequest, edited: dict[str, Any] | None
) -> Connected:
    """Return what the relocation connects to its target: one endpoint for each subnet, and each setting."""
    target = target_design(source, request, edited).registry
    by_subnet = {_subnet(one).lower(): one for one in target.children_of("privateEndpoints") if _subnet(one)}
    endpoints = tuple(by_subnet.values())[:MOST_OF_A_KIND]
    settings = tuple(target.children_of("diagnosticSettings"))[:MOST_OF_A_KIND]
    found = locks if isinstance(locks, tuple) else ()
    held = {lock.level for lock in found if not _is_of_subscription(lock)}
    not_made = {}
    if source.children_of("privateEndpoints") and not endpoints:
        not_made["private endpoints"] = f"the request names no subnet in {request.target.location} for them"
    if source.children_of("diagnosticSettings") and not settings:
        not_made["diagnostic settings"] = f"the request names no destination in {request.target.location} for them"
    if isinstance(locks, Unknown):
        not_made["management locks"] = f"they could not be read: {locks.reason}"
    return Connected(
        endpoints=endpoints,
        settings=settings,
        locks=tuple(level for level in _LEVELS if level in held),
        not_made=not_made,
    )


def undeletable(locks: tuple[Lock, ...] | Unknown, registry: str) -> tuple[Finding, ...]:
    """Return a blocker for each lock of a whole subscription: a rehearsal could not remove what it has made."""
    return tuple(
        Finding(
            code="rehearsal_cannot_be_removed",
            severity="blocker",
            message=f"Lock {lock.name} on {lock.scope} is {lock.level}: the resources of a rehearsal of {registry} "
            "could not be removed again, and would be billed.",
            remedy=f"Remove it for the rehearsal: az lock delete --ids {lock.scope}/providers/"
            f"Microsoft.Authorization/locks/{lock.name}",
            resource=lock.scope,
        )
        for lock in (locks if isinstance(locks, tuple) else ())
        if _is_of_subscription(lock)
    )


def endpoint_trials(rehearsal: Rehearsal, connected: Connected) -> Iterator[Trial]:
    """Yield an endpoint to the small target in each subnet, without names in DNS, with addresses that Azure chooses."""
    for resource_id, child in zip(rehearsal.private_endpoints, connected.endpoints, strict=False):
        name = ResourceId(resource_id).name
        link = {"privateLinkServiceId": rehearsal.small_target, "groupIds": ["registry"]}
        body = {
            "location": child.location,
            "tags": {key: value for key, value in child.tags.items() if key != PLAN_TAG} | rehearsal.tags,
            "properties": {
                "subnet": {"id": _subnet(child)},
                "customNetworkInterfaceName": name,
                "privateLinkServiceConnections": [{"name": name, "properties": link}],
            },
        }
        subject = f"private endpoint in {ResourceId(_subnet(child)).subnet_name}"
        yield Trial(subject=subject, call=_put(resource_id, api_version(child), body))


def setting_trials(rehearsal: Rehearsal, connected: Connected) -> Iterator[Trial]:
    """Yield a setting of the small target to each destination, with the categories of the source's."""
    for resource_id, child in zip(rehearsal.diagnostic_settings, connected.settings, strict=False):
        subject = f"diagnostic setting to {destination(child)}"
        yield Trial(subject=subject, call=_put(resource_id, api_version(child), {"properties": child.properties}))


def source_locks(rehearsal: Rehearsal) -> tuple[Trial, ...]:
    """Return the locks of the small source."""
    notes = "acr-relocate: for a rehearsal"
    return tuple(
        Trial(
            subject=f"lock {level} of the small source",
            call=_put(resource_id, LOCK_CHANGES_API, {"properties": {"level": level, "notes": notes}}),
        )
        for resource_id, level in rehearsal.source_locks.items()
    )


def destination(setting: Child) -> str:
    """Return the names of the resources to which a diagnostic setting sends."""
    found = (str(setting.properties.get(sink) or "") for sink in _SINKS)
    return " and ".join(ResourceId(one.lower().partition("/authorizationrules/")[0]).name for one in found if one)


def _put(path: str, version: str, body: dict[str, Any]) -> ArmCall:
    return ArmCall(method="PUT", path=path, api_version=version, body=body)


def _subnet(endpoint: Child) -> str:
    return str((endpoint.properties.get("subnet") or {}).get("id") or "")


def _is_of_subscription(lock: Lock) -> bool:
    return "/" not in lock.scope.lower().removeprefix("/subscriptions/")
