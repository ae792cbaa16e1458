"""References in the surroundings to be looked up: by id, by principal, by the address of a key vault."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from acr_relocate.core.dependencies.events import SINKS
from acr_relocate.core.dependencies.networks import subnet_of
from acr_relocate.core.dependencies.raw_surroundings import Json, Surroundings, properties, readable_items
from acr_relocate.core.registry.inventory import Registry
from acr_relocate.core.registry.resource_ids import ResourceId
from acr_relocate.core.target.design import subnet_ids


def identities_of(registry: Registry) -> tuple[str, ...]:
    """Return the principals of the registry's own identities: its system-assigned one, and those of its children."""
    identities = [registry.identity, *(child.identity for child in registry.children)]
    return tuple(dict.fromkeys(str(one["principalId"]) for one in identities if one and one.get("principalId")))


def zone_ids(endpoints: Iterable[Json]) -> tuple[str, ...]:
    """Return the private DNS zones that the endpoints' zone groups name."""
    configs = (
        config
        for endpoint in endpoints
        for group in endpoint.get("privateDnsZoneGroups") or ()
        for config in properties(group).get("privateDnsZoneConfigs") or ()
    )
    found = {str(properties(config).get("privateDnsZoneId") or "") for config in configs}
    return tuple(sorted(found - {""}))


def mentioned(registry: Registry, found: Surroundings) -> tuple[tuple[str, ...], tuple[str, ...], tuple[str, ...]]:
    """Return the ids, principals and vault addresses that are mentioned but not read yet, each once."""
    principals = [str(properties(entry).get("principalId") or "") for entry in readable_items(found.role_assignments)]
    return (
        _each_once(_ids(registry, found)),
        _each_once([*principals, *identities_of(registry)]),
        _each_once(_vaults(registry)),
    )


def _ids(registry: Registry, found: Surroundings) -> Iterator[str]:
    yield from (registry.identity or {}).get("userAssignedIdentities") or ()
    subnets = [*subnet_ids(registry), *map(subnet_of, readable_items(found.endpoints))]
    yield from (ResourceId(subnet).ancestor("virtualNetworks") for subnet in subnets)
    for setting in readable_items(found.diagnostic_settings):
        for key in SINKS:
            yield str(properties(setting).get(key) or "").partition("/authorizationRules/")[0]


def _vaults(registry: Registry) -> Iterator[str]:
    encryption = (registry.properties.get("encryption") or {}).get("keyVaultProperties") or {}
    credentials = (
        credential
        for child in registry.children_of("credentialSets")
        for credential in child.properties.get("authCredentials") or ()
    )
    fields = ("usernameSecretIdentifier", "passwordSecretIdentifier")
    addresses = [
        encryption.get("keyIdentifier"),
        *(credential.get(field) for credential in credentials for field in fields),
    ]
    for address in filter(None, addresses):
        scheme, _, rest = str(address).partition("://")
        yield f"{scheme}://{rest.partition('/')[0]}/"


def _each_once(values: Iterable[str]) -> tuple[str, ...]:
    return tuple(sorted(set(values) - {""}))
