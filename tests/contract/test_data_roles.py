"""The custom roles for what is not of Resource Manager: with the role it is done, and without it refused."""

import pytest

from acr_relocate.azure.resources import vault_secrets
from acr_relocate.core.cut_over import Secret
from acr_relocate.core.errors import AccessDenied
from local_azure.launcher import Emulator
from tests.contract.registry_factory import SUBSCRIPTION, RegistryFactory
from tests.support.role_holders import hire, operating

VAULT = f"/subscriptions/{SUBSCRIPTION}/resourceGroups/contract-tests/providers/Microsoft.KeyVault/vaults/contractvault"
SECRET = Secret(vault="contractvault", name="edge-password1", tags={"plan": "p"})


@pytest.mark.parametrize("mode", ["LegacyRegistryPermissions", "AbacRepositoryPermissions"])
async def test_a_tag_is_pruned_with_the_role_for_it(mode: str, factory: RegistryFactory) -> None:
    """The relocation role may read the target and import; deleting a tag needs a role of its own, in either mode."""
    ref = await factory.registry()
    await factory.pushed(ref).image("app/web", "1.0", "kept")
    body = {"properties": {"roleAssignmentMode": mode}}
    await factory.azure.arm.patch(ref.resource_id, "2025-11-01", body, doing="Setting the mode")
    await hire(factory.azure, "relocate", ref.resource_id)

    async def prune() -> str | None:
        async with operating() as azure:
            plane = azure.data_plane(f"{ref.name}.azurecr.io")
            await plane.delete("app/web", "1.0")
            return await plane.head_digest("app/web", "1.0")

    with pytest.raises(AccessDenied):
        await prune()
    await hire(factory.azure, "prune", ref.resource_id)

    assert await prune() is None


async def test_a_password_is_kept_with_the_role_for_it(emulator: Emulator, factory: RegistryFactory) -> None:
    """Written, and seen to be there; never read: the role could not."""
    properties = {"vaultUri": "https://contractvault.vault.azure.net/", "enableRbacAuthorization": True}
    emulator.plant(VAULT, location="westeurope", properties=properties)

    async def keep() -> tuple[bool, bool]:
        async with operating() as azure:
            before = await vault_secrets.holds_secret(azure, SECRET)
            await vault_secrets.store(azure, SECRET, "secret")
            return before, await vault_secrets.holds_secret(azure, SECRET)

    with pytest.raises(AccessDenied, match="Key Vault Secrets Officer"):
        await keep()
    await hire(factory.azure, "passwords", VAULT)

    assert await keep() == (False, True)
