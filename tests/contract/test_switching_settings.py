"""Machine Learning workspaces and Flux configurations are switched, proven by Azure's own states, and restored."""

from typing import Any

import pytest

from acr_relocate.azure.changes import switching
from acr_relocate.azure.client.session import AzureConnection
from acr_relocate.core.errors import RelocationError
from acr_relocate.core.registry.rename_map import RenameMap
from acr_relocate.core.request.dependents_to_switch import SwitchedKind
from acr_relocate.core.switching import SwitchedDependent
from acr_relocate.core.switching.one_setting import SETTING_PLACES, facts_of_setting
from local_azure.launcher import Emulator
from tests.contract.registry_factory import RegistryFactory

pytestmark = pytest.mark.usefixtures("short_looks")

GROUP = "/subscriptions/22222222-2222-2222-2222-222222222222/resourceGroups/settings"
LONG = 600.0


class Users:
    """A workspace and a Flux configuration of a cluster that use one of two registries."""

    def __init__(self, azure: AzureConnection, source: Any, target: Any) -> None:
        self.azure, self.source, self.target = azure, source, target

    async def make(self, kind: SwitchedKind) -> SwitchedDependent:
        """One that uses the first registry; its former value."""
        if kind == "ml_workspace":
            path = f"{GROUP}/providers/Microsoft.MachineLearningServices/workspaces/forecast"
            own: dict[str, Any] = {"containerRegistry": self.source.resource_id, "friendlyName": "Forecast"}
        else:
            cluster = f"{GROUP}/providers/Microsoft.Kubernetes/connectedClusters/edge"
            body = {"location": "westeurope", "properties": {}}
            await self.azure.arm.put(cluster, "2024-01-01", body, doing="Connecting")
            path = f"{cluster}/providers/Microsoft.KubernetesConfiguration/fluxConfigurations/apps"
            fetched = {"url": f"oci://{self.source.name}.azurecr.io/deploy/apps", "useWorkloadIdentity": True}
            own = {"sourceKind": "OCIRepository", "ociRepository": fetched}
        body = {"location": "westeurope", "properties": own}
        await self.azure.arm.put(path, SETTING_PLACES[kind].api_version, body, doing="Making")
        return facts_of_setting(
            kind,
            await self.body_of(kind, path),
            registry_id=self.source.resource_id,
            target_id=self.target.resource_id,
            source_server=f"{self.source.name}.azurecr.io",
            target_server=f"{self.target.name}.azurecr.io",
        )

    async def body_of(self, kind: SwitchedKind, path: str) -> dict[str, Any]:
        return await self.azure.arm.get(path, SETTING_PLACES[kind].api_version, doing="Looking")

    async def body(self, former: SwitchedDependent) -> dict[str, Any]:
        return await self.body_of(former.kind, former.dependent_id)


@pytest.fixture(name="users")
async def _users(azure: AzureConnection, emulator: Emulator, factory: RegistryFactory) -> Users:
    emulator.plant(GROUP, location="westeurope", properties={"provisioningState": "Succeeded"})
    registries = [await factory.registry(), await factory.registry()]
    for one in registries:
        await factory.pushed(one).image("deploy/apps", "1")
    return Users(azure, *registries)


@pytest.mark.parametrize(("kind", "fault"), [("ml_workspace", "workspace-fails"), ("flux_configuration", "flux-fails")])
async def test_there_and_back_also_after_a_failure(
    users: Users, emulator: Emulator, kind: SwitchedKind, fault: str
) -> None:
    """One that Azure does not accept is restored to the same bytes; in between nothing names the source."""
    former = await users.make(kind)
    before = await users.body(former)
    assert await switching.find_former(users.azure, former, RenameMap()) == former
    emulator.arm_fault(fault)

    with pytest.raises(RelocationError, match=r"cannot be used|Non-Compliant"):
        await switching.switch(users.azure, former, 0.5, [])
    await switching.restore(users.azure, former, LONG)
    restored = await users.body(former)
    there = [await switching.switch(users.azure, former, LONG, []) for _ in range(2)]
    switched = await users.body(former)
    gone = await switching.find_former(users.azure, former, RenameMap())
    back = [await switching.restore(users.azure, former, LONG) for _ in range(2)]

    assert restored == before
    assert [one.kind for one in (*there, *back)] == ["created", "already_there", "removed", "already_there"]
    assert users.source.name not in str(switched)
    assert gone is None
    assert await users.body(former) == before
