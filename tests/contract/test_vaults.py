"""Secrets in key vaults, as far as they are not a matter of roles."""

import pytest

from acr_relocate.azure.resources import vault_secrets
from acr_relocate.core.cut_over import Secret
from acr_relocate.core.errors import AlreadyExists
from local_azure.launcher import Emulator
from local_azure.state import settings
from tests.contract.registry_factory import SUBSCRIPTION, RegistryFactory

VAULTS = f"/subscriptions/{SUBSCRIPTION}/resourceGroups/contract-tests/providers/Microsoft.KeyVault/vaults"
SECRET = Secret(vault="deletingvault", name="edge-password1", tags={"plan": "p"})


async def test_a_name_that_a_deleted_secret_still_has_is_told_with_the_way_out(
    emulator: Emulator, factory: RegistryFactory
) -> None:
    """A vault keeps what was deleted, and its name: until it is recovered nothing can be put there again."""
    rights = ["set", "list", "delete", "recover"]
    policy = {"objectId": settings.OWNER_OBJECT_ID, "permissions": {"secrets": rights}}
    uri = f"https://{SECRET.vault}.vault.azure.net/"
    emulator.plant(
        f"{VAULTS}/{SECRET.vault}", location="westeurope", properties={"vaultUri": uri, "accessPolicies": [policy]}
    )
    azure = factory.azure
    headers = {"Authorization": f"Bearer {await azure.vault_token()}"}

    async def by_hand(method: str, path: str) -> int:
        wire, path = azure.vault(SECRET.vault), f"{path}?api-version=7.4"
        return (await wire.send(method, path, kind="writes", doing="Calling the vault", headers=headers)).status

    await vault_secrets.store(azure, SECRET, "first")
    assert await by_hand("DELETE", f"/secrets/{SECRET.name}") == 200
    with pytest.raises(AlreadyExists) as refused:
        await vault_secrets.store(azure, SECRET, "second")
    assert refused.value.remedy.startswith(
        "az keyvault secret recover --vault-name deletingvault --name edge-password1"
    )

    assert await by_hand("POST", f"/deletedsecrets/{SECRET.name}/recover") == 200
    await vault_secrets.store(azure, SECRET, "second")
    assert await vault_secrets.holds_secret(azure, SECRET)
