"""Access to the secrets and keys of a vault: by roles, or by the vault's access policies."""

from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from local_azure.arm.authorization import grants
from local_azure.state.directory import Principal
from local_azure.state.store import Resource

if TYPE_CHECKING:
    from local_azure.state.world import World

VAULT: Final = "Microsoft.KeyVault/vaults"
VAULT_SERVICE_VERSION: Final = "1.9.2440.1"  # of the vaults themselves
SECRETS: Final = "secrets"  # where a vault keeps them, hidden from ARM
Right = tuple[str, str]  # a data action, and the same in the words of an access policy
GET: Final[Right] = ("Microsoft.KeyVault/vaults/secrets/getSecret/action", "get")


def vault_at(world: "World", host: str) -> Resource | None:
    """Return the vault behind a host name."""
    return next((one for one in world.resources.select(VAULT) if f"//{host}/" in one.properties["vaultUri"]), None)


def may_use(world: "World", principal: Principal, vault: Resource, right: Right, kind: str = SECRETS) -> bool:
    """Return whether the principal has that right to the vault's secrets, or to its `keys`."""
    action, word = right
    if vault.properties.get("enableRbacAuthorization"):
        return any(role.allows_data(action) for role, _ in grants(world, principal, vault.id))
    policies = [one for one in vault.properties["accessPolicies"] if one["objectId"] == principal.object_id]
    given = {str(one).lower() for policy in policies for one in policy["permissions"].get(kind, ())}
    return bool(given & {word, "all"})


def may_read(world: "World", principal: Principal, identifier: str) -> bool:
    """Return whether the secret at this address is there, and the principal may have its value."""
    address = urlsplit(identifier)
    vault = vault_at(world, address.netloc.partition(":")[0].lower())
    name = address.path.strip("/").split("/")[1].lower() if address.path.count("/") > 1 else ""
    held = bool(vault and vault.hidden.get(SECRETS, {}).get(name))
    return held and vault is not None and may_use(world, principal, vault, GET)
