"""Checks of the customer-managed key and of the identities that the source uses. A registry gets both when created."""

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final
from urllib.parse import urlsplit

from acr_relocate.core.checks.check import Violation, check
from acr_relocate.core.evidence.azure_facts import KeyVault, UserAssignedIdentity, VaultKey
from acr_relocate.core.evidence.evidence import Evidence
from acr_relocate.core.evidence.unknown import Unknown
from acr_relocate.core.registry.inventory import Registry
from acr_relocate.core.registry.managed_identities import has_system_identity
from acr_relocate.core.registry.regions import normalise_location

CRYPTO_USER: Final = "Key Vault Crypto Service Encryption User"
_KEY: Final = re.compile(r"/keys/(?P<name>[^/]+)(/(?P<version>[^/]+))?/?$")


def key_of(registry: Registry) -> Mapping[str, Any] | None:
    """Return the key vault properties of a registry that is encrypted with a customer-managed key."""
    encryption = registry.properties.get("encryption") or {}
    if str(encryption.get("status", "")).lower() != "enabled":
        return None
    return encryption.get("keyVaultProperties") or {}


def vault_name(registry: Registry) -> str:
    """Return the name of the vault with the registry's key, or an empty string."""
    key = key_of(registry)
    return (urlsplit(str(key.get("keyIdentifier", ""))).hostname or "").partition(".")[0] if key else ""


def key_name(registry: Registry) -> str:
    """Return the name of the registry's key, or an empty string."""
    found = _KEY.search(str((key_of(registry) or {}).get("keyIdentifier", "")))
    return found["name"] if found else ""


def key_vault(evidence: Evidence) -> KeyVault | Unknown | None:
    """Return the vault of the source's key."""
    return evidence.vaults.get(vault_name(evidence.source))


def may_use_key(evidence: Evidence) -> bool | None:
    """Return whether the key's identity may use the key; None if unknown."""
    vault, identity = key_vault(evidence), _key_identity(evidence)
    if not isinstance(vault, KeyVault) or not isinstance(vault.grantees, tuple) or identity is None:
        return None
    return identity.principal_id.lower() in {grantee.lower() for grantee in vault.grantees}


@check("decision")
def customer_managed_key_needs_decision(evidence: Evidence) -> Iterator[Violation]:
    """The source is encrypted with a customer-managed key, which a registry gets only when it is created.

    Source: F25; D/tutorial-enable-customer-managed-keys.md.
    """
    key = key_of(evidence.source)
    if key is not None:
        yield Violation(
            f"The target will be encrypted with the source's key, {key.get('keyIdentifier', 'which has no name')}.",
            "To use a key of the target's region instead, change encryption.keyVaultProperties.keyIdentifier in the "
            "template before the target is created; it cannot be turned off or on later.",
            evidence.source.id,
        )


@check("note")
def key_vault_in_another_region(evidence: Evidence) -> Iterator[Violation]:
    """The key's vault is not in the target's region: the target would depend on another region.

    Source: F25; nothing forbids it.
    """
    vault, location = key_vault(evidence), evidence.request.target.location
    if isinstance(vault, KeyVault) and normalise_location(vault.location) != location:
        yield Violation(
            f"Key vault {vault.id.rsplit('/', 1)[-1]} is in {vault.location}, the target in {location}.",
            f"Create one there, with a key for the target: az keyvault create --location {location} "
            "--enable-purge-protection true --name NAME --resource-group GROUP",
            vault.id,
        )


@check("blocker")
def key_vault_missing(evidence: Evidence) -> Iterator[Violation]:
    """The key's vault is not in the subscriptions of the request.

    Source: F25.
    """
    name = vault_name(evidence.source)
    if name in evidence.vaults and evidence.vaults[name] is None:
        yield Violation(
            f"Key vault {name} was not found in the subscriptions of source and target.",
            f"See where it is, and that it is not deleted: az keyvault show --name {name}; az keyvault list-deleted",
            evidence.source.id,
        )


@check("blocker")
def key_vault_lacks_purge_protection(evidence: Evidence) -> Iterator[Violation]:
    """The key's vault has no soft delete or no purge protection; Azure takes no key from such a vault.

    Source: F25; D/tutorial-enable-customer-managed-keys.md.
    """
    vault = key_vault(evidence)
    if isinstance(vault, KeyVault) and not (vault.soft_delete and vault.purge_protection):
        name = vault.id.rsplit("/", 1)[-1]
        message = f"Key vault {name} has no {'purge protection' if vault.soft_delete else 'soft delete'}."
        yield Violation(message, f"az keyvault update --name {name} --enable-purge-protection true", vault.id)


@check("blocker")
def key_vault_keeps_trusted_services_out(evidence: Evidence) -> Iterator[Violation]:
    """The firewall of the key's vault does not allow trusted services: the target could not reach its key.

    Source: F25; D/tutorial-troubleshoot-customer-managed-keys.md.
    """
    vault = key_vault(evidence)
    if isinstance(vault, KeyVault) and not vault.trusted_services:
        name = vault.id.rsplit("/", 1)[-1]
        message = f"The firewall of key vault {name} keeps trusted services out, a registry among them."
        yield Violation(message, f"az keyvault update --name {name} --bypass AzureServices", vault.id)


@check("blocker")
def key_unusable(evidence: Evidence) -> Iterator[Violation]:
    """The key does not exist, is disabled, has expired or is not an RSA key.

    Source: F25; D/tutorial-enable-customer-managed-keys.md.
    """
    vault = key_vault(evidence)
    if not isinstance(vault, KeyVault) or isinstance(vault.key, Unknown):
        return
    why = _unusable(vault.key)
    if why:
        name, vault_label = key_name(evidence.source), vault.id.rsplit("/", 1)[-1]
        yield Violation(
            f"Key {name} in {vault_label} {why}.",
            f"az keyvault key create --vault-name {vault_label} --name {name} --kty RSA",
            f"{vault.id}/keys/{name}",
        )


@check("blocker")
def key_grant_missing(evidence: Evidence) -> Iterator[Violation]:
    """The key's identity may not get, wrap and unwrap with the key: creating the target would fail.

    Source: F25: "Verify that identity has 'Get, Wrap Key, Unwrap Key' permission".
    """
    vault, identity = key_vault(evidence), _key_identity(evidence)
    if isinstance(vault, KeyVault) and identity is not None and may_use_key(evidence) is False:
        yield Violation(
            f"Identity {identity.id.rsplit('/', 1)[-1]} may not use the keys of {vault.id.rsplit('/', 1)[-1]}.",
            f'az role assignment create --role "{CRYPTO_USER}" --scope {vault.id} --assignee-object-id '
            f"{identity.principal_id} --assignee-principal-type ServicePrincipal",
            vault.id,
        )


@check("blocker")
def key_identity_not_user_assigned(evidence: Evidence) -> Iterator[Violation]:
    """The key is not used by a user-assigned identity of the source, as creating a registry requires.

    Source: F25; `keyVaultProperties.identity` is a client id.
    """
    key = key_of(evidence.source)
    if key is None or any(isinstance(identity, Unknown) for identity in evidence.identities.values()):
        return
    if _key_identity(evidence) is None:
        yield Violation(
            f"The key is used by {key.get('identity') or 'the registry itself'}, which is no user-assigned identity "
            f"of {evidence.source.name}.",
            f"az acr identity assign --name {evidence.source.name} --identities ID\n"
            f"az acr encryption rotate-key --name {evidence.source.name} --identity ID",
            evidence.source.id,
        )


@check("note")
def key_version_is_pinned(evidence: Evidence) -> Iterator[Violation]:
    """The key is named with a version, so the target will not follow its rotation.

    Source: F25; a versionless key id is picked up within an hour.
    """
    found = _KEY.search(str((key_of(evidence.source) or {}).get("keyIdentifier", "")))
    if found and found["version"]:
        yield Violation(
            f"The key is pinned to version {found['version']}.",
            "To follow its rotation, leave the version out of encryption.keyVaultProperties.keyIdentifier.",
            evidence.source.id,
        )


@check("blocker")
def user_assigned_identity_missing(evidence: Evidence) -> Iterator[Violation]:
    """A user-assigned identity of the source no longer exists: Azure refuses a registry that names it.

    Source: `FailedIdentityOperation`.
    """
    for identity_id, identity in evidence.identities.items():
        if identity is None:
            yield Violation(
                f"Identity {identity_id.rsplit('/', 1)[-1]} of the source does not exist.",
                f"az acr identity remove --name {evidence.source.name} --identities {identity_id}",
                identity_id,
            )


@check("note")
def identity_in_another_region(evidence: Evidence) -> Iterator[Violation]:
    """An identity of the source is in another region than the target. It works, but depends on its own region.

    Source: managed identities are regional resources.
    """
    location = evidence.request.target.location
    for identity in evidence.identities.values():
        if isinstance(identity, UserAssignedIdentity) and normalise_location(identity.location) not in {"", location}:
            yield Violation(
                f"Identity {identity.id.rsplit('/', 1)[-1]} is in {identity.location}, the target in {location}.",
                f"To have one there: az identity create --location {location} --name NAME --resource-group GROUP",
                identity.id,
            )


@check("warning")
def system_identity_changes(evidence: Evidence) -> Iterator[Violation]:
    """The source has a system-assigned identity; the target gets another one, which has no roles yet.

    Source: D/container-registry-authentication-managed-identity.md.
    """
    identity = evidence.source.identity or {}
    if has_system_identity(identity):
        yield Violation(
            "The target gets a system-assigned identity of its own; roles of the source's do not pass to it.",
            f"The cut-over gives the new one the same roles. To see them: az role assignment list --all --assignee "
            f"{identity.get('principalId', 'PRINCIPAL-ID')}",
            evidence.source.id,
        )


def _key_identity(evidence: Evidence) -> UserAssignedIdentity | None:
    client_id = str((key_of(evidence.source) or {}).get("identity") or "").lower()
    found = (one for one in evidence.identities.values() if isinstance(one, UserAssignedIdentity))
    return next((one for one in found if client_id and one.client_id.lower() == client_id), None)


def _unusable(key: VaultKey | None) -> str:
    if key is None:
        return "does not exist"
    if not key.enabled:
        return "is disabled"
    if key.expired:
        return "has expired"
    return "" if key.kind.upper() in {"RSA", "RSA-HSM"} else f"is of kind {key.kind}, not RSA"
