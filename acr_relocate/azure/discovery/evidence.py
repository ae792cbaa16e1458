"""Read all evidence for the checks from Azure. Writes nothing; unreadable facts are Unknown."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable
from typing import Final, TypeVar, get_args

from acr_relocate.azure.client.session import AzureConnection
from acr_relocate.azure.client.task_group import together
from acr_relocate.azure.client.unknown import as_unknown, or_none, or_unknown
from acr_relocate.azure.discovery import attachments
from acr_relocate.azure.discovery.dependents import role_assignments
from acr_relocate.azure.discovery.push_facts import read_push_facts
from acr_relocate.azure.discovery.shared_target import read_parts
from acr_relocate.azure.resources import deployments, registries, scopes
from acr_relocate.azure.resources.networks import is_free, subnet
from acr_relocate.core.access.permissions import scopes_at, target_group
from acr_relocate.core.access.roles import ActionScope
from acr_relocate.core.checks import (
    NOT_ASKED,
    Evidence,
    KeyVault,
    Lock,
    NameAvailability,
    PermissionSet,
    RegionOffer,
    SourceEndpoint,
    Subnet,
    Subscription,
    TargetResourceGroup,
    Unknown,
    UserAssignedIdentity,
    Validation,
)
from acr_relocate.core.checks.keys import key_name, vault_name
from acr_relocate.core.errors import AccessDenied, InvalidTemplate, PolicyViolation, RelocationError, is_retryable
from acr_relocate.core.evidence.azure_facts import AddressSpace
from acr_relocate.core.evidence.named_resources import endpoints_named, identities_named, repositories_named
from acr_relocate.core.evidence.unknown import UNREGISTERED
from acr_relocate.core.network.static_addresses import Fixed, fixed_endpoints, in_question
from acr_relocate.core.registry.inventory import Content, Registry
from acr_relocate.core.registry.resource_ids import ResourceId
from acr_relocate.core.request.identity import plan_id
from acr_relocate.core.request.relocation import RelocationRequest
from acr_relocate.core.target.template import TargetTemplate, build_template

EvidenceFact = TypeVar("EvidenceFact")

# Refuses validation too, for every identity.
_LOCKED: Final = "ScopeLocked"
DENIED: Final = "DenyAssignmentAuthorizationFailed"


async def gather(
    azure: AzureConnection, request: RelocationRequest, source: Registry, target: Registry | None
) -> Evidence:
    """Return all evidence but the content of the registries: independent facts first, then those that need them."""
    reader, name = _Reader(azure, request, source), source.name
    subscriptions = await reader.subscriptions()
    evidence = Evidence(request=request, source=source, target=target, subscriptions=subscriptions)
    if None in subscriptions.values():
        return evidence  # every other read there would answer 404
    async with together() as group:
        reading = {
            "name": group.create_task(reader.name()),
            "region": group.create_task(reader.region()),
            "group": group.create_task(reader.group()),
            "subnets": group.create_task(reader.subnets()),
            "address_spaces": group.create_task(reader.address_spaces()),
            "locks": group.create_task(reader.locks()),
            "providers": group.create_task(reader.providers()),
            "identities": group.create_task(reader.identities()),
            "vaults": group.create_task(reader.vaults()),
            "endpoints": group.create_task(reader.endpoints()),
            "sinks": group.create_task(
                or_unknown(attachments.sinks(azure, source.id), f"where the logs of {name} are sent to")
            ),
            "event_subscriptions": group.create_task(
                or_unknown(attachments.event_subscriptions(azure, source.id), f"the event subscriptions of {name}")
            ),
            "roles": group.create_task(reader.roles()),
            "parts": group.create_task(read_parts(azure, request)),
            "usage": group.create_task(
                or_unknown(registries.usages(azure, request.source), f"the quota usage of {name}")
            ),
        }
    evidence = evidence.model_copy(update={fact: task.result() for fact, task in reading.items()})
    async with together() as group:
        permissions = group.create_task(read_permissions(azure, places_of(evidence), request))
        validation = group.create_task(reader.validation(evidence))
        pushing = group.create_task(read_push_facts(azure, request, target))
    found = {"permissions": permissions.result(), "validation": validation.result(), "push_facts": pushing.result()}
    return evidence.model_copy(update=found)


def places_of(evidence: Evidence) -> set[str]:
    """Return each scope at which we need permissions, and the key's vault."""
    vaults = (one.id for one in evidence.vaults.values() if isinstance(one, KeyVault))
    return {*vaults, *(scope for place in get_args(ActionScope) for scope in scopes_at(place, evidence))}


async def read_permissions(
    azure: AzureConnection, places: Iterable[str], request: RelocationRequest
) -> dict[str, tuple[PermissionSet, ...] | Unknown | None]:
    """Return the permissions of the running identity at each scope."""

    async def read(scope: str) -> tuple[PermissionSet, ...] | Unknown | None:
        reading = scopes.permissions_in_group if scope == target_group(request) else scopes.permissions
        return await or_none(reading(azure, scope), f"the permissions at {scope}")

    return await _by_key(sorted(places), read)


async def hidden_repositories(
    azure: AzureConnection, source: Registry, content: Content | Unknown
) -> tuple[str, ...] | Unknown:
    """Return existing repositories that the source's settings name and that its catalogue does not show.

    Not read if the catalogue is unreadable as well.
    """
    if isinstance(content, Unknown):
        return NOT_ASKED
    listed = {repository.name for repository in content.repositories}
    names = [name for name in repositories_named(source) if name not in listed]
    plane = azure.data_plane(source.login_server)
    counted = await or_unknown(_by_key(names, plane.repository), f"whether repositories of {source.name} are hidden")
    return counted if isinstance(counted, Unknown) else tuple(name for name, entry in counted.items() if entry)


class _Reader:
    """Reads for one request."""

    def __init__(self, azure: AzureConnection, request: RelocationRequest, source: Registry) -> None:
        self._azure, self._request, self._source = azure, request, source
        self._subscription = request.target_subscription_id
        self._subscriptions = tuple(sorted({request.source.subscription_id, self._subscription}))
        self._subnets = sorted(set(request.subnets.values()))

    async def name(self) -> NameAvailability | Unknown:
        name = self._request.target.name
        return await or_unknown(
            registries.check_name(self._azure, self._subscription, name), f"whether the name {name} is free"
        )

    async def region(self) -> RegionOffer | Unknown:
        location = self._request.target.location
        reading = scopes.region_offer(self._azure, self._subscription, location)
        return await or_unknown(reading, f"the offer in {location}")

    async def subscriptions(self) -> dict[str, Subscription | Unknown | None]:
        return await _by_key(
            self._subscriptions,
            lambda one: or_none(scopes.subscription(self._azure, one), f"the subscription {one}"),
        )

    async def group(self) -> TargetResourceGroup | Unknown | None:
        group = target_group(self._request)
        return await or_none(scopes.group(self._azure, group), f"the resource group {group.rsplit('/', 1)[-1]}")

    async def subnets(self) -> dict[str, Subnet | Unknown | None]:
        return await _by_key(self._subnets, lambda one: or_unknown(subnet(self._azure, one), f"the subnet {one}"))

    async def address_spaces(self) -> dict[str, AddressSpace | Unknown | None]:
        fixed = [one for one in fixed_endpoints(self._source, self._request) if one.made]
        subnets = sorted({one.subnet for one in fixed})
        return await _by_key(
            subnets, lambda one: or_unknown(self._space(one, fixed), f"which addresses of {one} are free")
        )

    async def _space(self, subnet_id: str, fixed: Iterable[Fixed]) -> AddressSpace | None:
        there = await subnet(self._azure, subnet_id)
        if there is None:
            return None
        asked = in_question((one for one in fixed if one.subnet == subnet_id), there.prefixes)
        free = await _by_key(asked, lambda address: is_free(self._azure, subnet_id, address))
        return AddressSpace(prefixes=there.prefixes, free=free)

    async def locks(self) -> tuple[Lock, ...] | Unknown:
        async def read() -> tuple[Lock, ...]:
            on = (self._source.id, target_group(self._request))
            read = await _by_key(on, lambda one: scopes.locks(self._azure, one))
            return tuple(dict.fromkeys(lock for locks in read.values() for lock in locks))

        return await or_unknown(read(), "the management locks")

    async def providers(self) -> dict[str, str | Unknown]:
        involved = sorted({*self._subscriptions, *(ResourceId(one).subscription for one in self._subnets)})
        return await _by_key(
            involved,
            lambda one: or_unknown(
                scopes.provider_state(self._azure, one), "whether Microsoft.ContainerRegistry is registered"
            ),
        )

    async def identities(self) -> dict[str, UserAssignedIdentity | Unknown | None]:
        return await _by_key(
            identities_named(self._source),
            lambda one: or_none(attachments.identity(self._azure, one), f"the identity {one.rsplit('/', 1)[-1]}"),
        )

    async def vaults(self) -> dict[str, KeyVault | Unknown | None]:
        name, key = vault_name(self._source), key_name(self._source)
        return await _by_key(
            [name] if name else [],
            lambda one: or_none(attachments.vault(self._azure, one, key, self._subscriptions), f"the key vault {one}"),
        )

    async def endpoints(self) -> dict[str, SourceEndpoint | Unknown | None]:
        return await _by_key(
            endpoints_named(self._source),
            lambda one: or_none(
                attachments.endpoint(self._azure, one), f"the private endpoint {one.rsplit('/', 1)[-1]}"
            ),
        )

    async def roles(self) -> int | Unknown:
        """Return the number of roles assigned at the registry itself: those above it cover other registries too."""
        reading = role_assignments(self._azure, self._source.id)
        entries = await or_unknown(reading, f"the role assignments of {self._source.name}")
        if isinstance(entries, Unknown):
            return entries
        return sum(str(entry["properties"]["scope"]).lower() == self._source.id.lower() for entry in entries)

    async def validation(self, evidence: Evidence) -> Validation | Unknown | None:
        """Return Azure's validation of the template; None without a resource group for it."""
        if not isinstance(evidence.group, TargetResourceGroup):
            return None if evidence.group is None else NOT_ASKED
        try:
            template = build_template(None, self._source, self._request)
            return Validation(changes=await self._foretold(template))
        except RelocationError as error:
            is_access = isinstance(error, AccessDenied) and error.code not in {_LOCKED, DENIED}
            if is_access:
                return as_unknown(error, "whether Azure would accept the target's template")
            if is_retryable(error) and error.code != UNREGISTERED:
                raise
            is_policy = isinstance(error, PolicyViolation)
            code = error.code or InvalidTemplate.__name__
            return Validation(code=code, message=error.message, is_policy=is_policy, remedy=error.remedy)

    async def _foretold(self, template: TargetTemplate) -> dict[str, str]:
        name = f"acr-relocate-{plan_id(self._request)}"
        place = deployments.DeploymentScope(self._subscription, self._request.target.resource_group, name)
        await deployments.validate(self._azure, place, template)
        return await deployments.what_if(self._azure, place, template)


async def _by_key(keys: Iterable[str], read: Callable[[str], Awaitable[EvidenceFact]]) -> dict[str, EvidenceFact]:
    """Make all reads concurrently; return them by their keys."""

    async def one(key: str) -> EvidenceFact:
        return await read(key)

    async with together() as group:
        tasks = {key: group.create_task(one(key)) for key in keys}
    return {key: task.result() for key, task in tasks.items()}
