"""The article's sections, row by row, in one relocation of the lifelike registry with everything on.

A customer-managed key, private endpoint and network rules, a replica, repository permissions, no public access, and a
worker inside the network. Each test fails if the step that it is named for is taken out.
"""

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from acr_relocate.core.errors import NotRelocated
from acr_relocate.core.plan.plan import Plan
from acr_relocate.core.report.report import Report
from acr_relocate.core.request.relocation import RelocationRequest
from flows.plan import plan_relocation
from flows.relocate import relocate_registry
from flows.verify import verify_relocation
from local_azure.launcher import Emulator, running
from local_azure.state import settings
from tests.service.conftest import LEAST, SUBSCRIPTION, make_move

HERE = f"/subscriptions/{SUBSCRIPTION}"
WEST = f"{HERE}/resourceGroups/contoso-west/providers"
NORTH = f"{HERE}/resourceGroups/contoso-network-north/providers"
SOURCE = f"{WEST}/Microsoft.ContainerRegistry/registries/contosoregistry"
SUBNETS = f"{WEST}/Microsoft.Network/virtualNetworks/contoso-vnet/subnets"
SUBNETS_THERE = f"{NORTH}/Microsoft.Network/virtualNetworks/contoso-vnet-north/subnets"
VAULT = f"{WEST}/Microsoft.KeyVault/vaults/contosovault"
CLUSTER = f"{WEST}/Microsoft.ContainerService/managedClusters/contoso-aks"
ROLES = f"{HERE}/providers/Microsoft.Authorization/roleDefinitions"
READER, CONTRIBUTOR = "b93aa761-3e63-49ed-ac28-beffa264f7ac", "2efddaa5-3f1f-4df3-97df-af3f13818f4c"
LISTER, IMPORTER = "bfdb9389-c9a5-478a-bb2f-ba9ca092c3c7", "577a9874-89fd-4f24-9dbd-b5034d0ad23a"


ENDPOINT = f"{WEST}/Microsoft.Network/privateEndpoints/contoso-acr-pe"
FIXED = {
    "registry": "10.20.1.50",
    "registry_data_francecentral": "10.20.1.51",
    "registry_data_northeurope": "10.20.1.52",
}


@dataclass(frozen=True)
class Encryption:
    """A key in a vault, and the identity that may use it."""

    side: str
    group: str
    client: str
    principal: str

    @property
    def vault(self) -> str:
        return f"{self.group}/Microsoft.KeyVault/vaults/contosokeys{self.side}"

    @property
    def identity(self) -> str:
        return f"{self.group}/Microsoft.ManagedIdentity/userAssignedIdentities/contoso-encrypter-{self.side}"

    @property
    def key(self) -> str:
        return f"https://contosokeys{self.side}.vault.azure.net/keys/acr"


OLD = Encryption("west", WEST, "12121212-1212-1212-1212-121212121212", "13131313-1313-1313-1313-131313131313")
NEW = Encryption("north", NORTH, "14141414-1414-1414-1414-141414141414", "15151515-1515-1515-1515-151515151515")


@dataclass(frozen=True)
class Relocated:
    """The plan, the report, and the embedded Azure afterwards."""

    emulator: Emulator
    request: RelocationRequest
    plan: Plan
    outcome: Report | Exception

    @property
    def report(self) -> Report:
        assert isinstance(self.outcome, Report), self.outcome
        return self.outcome

    def there(self, path: str = "", within: str = "") -> dict[str, Any]:
        """The target, something beneath it, or something else."""
        wanted = (within or self.request.target_id) + path
        found = {one["id"].lower(): one for one in self.emulator.resources()}
        return found[wanted.lower()]

    @property
    def server(self) -> str:
        return f"{self.request.target.name}.azurecr.io"


@pytest.fixture(scope="module", name="relocated")
def _relocated() -> Iterator[Relocated]:
    network = SUBNETS.rpartition("/subnets")[0]
    with running("demo", client_network=network) as emulator, pytest.MonkeyPatch.context() as patch:
        for name, value in emulator.env.items():
            patch.setenv(name, value)
        _turn_everything_on(emulator)
        subnets = {f"{SUBNETS}/{name}": f"{SUBNETS_THERE}/{name}" for name in ("apps", "endpoints")}
        replacements = {OLD.identity: NEW.identity, OLD.key: NEW.key, OLD.client: NEW.client}
        options = {
            "subnets": subnets,
            "replacements": replacements,
            "static_addresses": {ENDPOINT: FIXED},
            "token_vault": "contosovault",
        }
        request = make_move(emulator, LEAST, **options).request
        plan = asyncio.run(plan_relocation(request))
        # A relocation that lacks a step may fail for that; each test then says what is missing.
        state = asyncio.run(relocate_registry(request, return_state=True))
        yield Relocated(emulator, request, plan, asyncio.run(state.aresult(raise_on_failure=False)))


def _turn_everything_on(emulator: Emulator) -> None:
    chosen = {"groupId": "registry", "memberName": "registry", "privateIPAddress": "10.10.1.50"}
    emulator.plant(ENDPOINT, properties={"ipConfigurations": [{"name": "registry", "properties": chosen}]})
    _make_key(emulator, OLD, "westeurope")
    _make_key(emulator, NEW, "northeurope")
    policy = {"objectId": settings.OWNER_OBJECT_ID, "permissions": {"secrets": ["set", "list"]}}
    uri = {"vaultUri": "https://contosovault.vault.azure.net/", "accessPolicies": [policy]}
    emulator.plant(VAULT, location="westeurope", properties=uri)
    emulator.plant(f"{SOURCE}/tokens/edge-site-1", properties={"credentials": {"passwords": [{"name": "password1"}]}})
    emulator.plant(f"{SOURCE}/tasks/purge-sandbox", properties={"status": "Enabled"})
    registry = next(one for one in emulator.resources() if one["id"] == SOURCE)
    emulator.plant(
        SOURCE,
        identity=registry["identity"] | {
            "type": "SystemAssigned, UserAssigned",
            "userAssignedIdentities": {OLD.identity: {"clientId": OLD.client, "principalId": OLD.principal}},
        },
        properties={
            "encryption": {
                "status": "enabled", "keyVaultProperties": {"keyIdentifier": OLD.key, "identity": OLD.client},
            },
            "publicNetworkAccess": "Disabled",
            "roleAssignmentMode": "AbacRepositoryPermissions",
        },
    )  # fmt: skip
    # With repository permissions the owner of a subscription may not read its content.
    for number, role in enumerate((CONTRIBUTOR, LISTER, IMPORTER)):
        told = {"principalId": settings.OWNER_OBJECT_ID, "roleDefinitionId": f"{ROLES}/{role}", "scope": HERE}
        path = f"{HERE}/providers/Microsoft.Authorization/roleAssignments/owner-{number}"
        emulator.plant(path, properties=told | {"principalType": "ServicePrincipal"})


def _make_key(emulator: Emulator, one: Encryption, location: str) -> None:
    ids = {"clientId": one.client, "principalId": one.principal}
    emulator.plant(one.identity, location=location, properties=ids)
    policy = {"objectId": one.principal, "permissions": {"keys": ["get", "wrapKey", "unwrapKey"]}}
    uri = {"vaultUri": one.key.removesuffix("keys/acr"), "enablePurgeProtection": True, "accessPolicies": [policy]}
    emulator.plant(one.vault, location=location, properties=uri)
    emulator.plant(f"{one.vault}/keys/acr", properties={"kty": "RSA", "attributes": {"enabled": True}})


class TestPrepare:
    def test_dependency_map(self, relocated: Relocated) -> None:
        """Everything that uses the registry, and what the cut-over does about it."""
        kinds = {entry.kind for entry in relocated.plan.dependencies.dependencies}

        assert {"cluster", "private_endpoint", "dns_zone", "diagnostic_setting", "encryption_key", "tokens"} <= kinds

    def test_source_network_layout(self, relocated: Relocated) -> None:
        """Public access, network rules and private endpoints, which the stable api-versions do not show in full."""
        assert relocated.plan.network
        side = relocated.plan.network.source
        assert (side.public_access, side.subnets) == (False, (f"{SUBNETS}/apps",))
        assert [endpoint.name for endpoint in side.endpoints] == ["contoso-acr-pe"]

    def test_images_are_retrieved_from_inside_the_network(self, relocated: Relocated) -> None:
        """They cannot be listed from outside; the worker is inside."""
        assert relocated.plan.counts
        assert relocated.plan.counts.imports

    def test_tasks(self, relocated: Relocated) -> None:
        """Those whose definition Azure shows are made again, and run in the end; the plan says what others lack."""
        assert relocated.there("/tasks/purge-sandbox")["properties"]["status"] == "Enabled"
        by_hand = [entry.name for entry in relocated.plan.dependencies.manual if entry.kind == "tasks"]
        assert by_hand == ["build-frontend"]

    def test_service_endpoint_of_the_target_subnet(self, relocated: Relocated) -> None:
        """The rule names the target's subnet, whose service endpoint was looked at beforehand."""
        [rule] = relocated.there()["properties"]["networkRuleSet"]["virtualNetworkRules"]
        assert rule["virtualNetworkSubnetResourceId"] == f"{SUBNETS_THERE}/apps"
        assert relocated.plan.network
        states = {one.what: one.state for one in relocated.plan.network.prerequisites}
        assert states["service endpoint Microsoft.ContainerRegistry of contoso-vnet-north/apps"] == "met"

    def test_premium_and_trusted_services(self, relocated: Relocated) -> None:
        """Without either, private endpoints and imports would fail."""
        target = relocated.there()
        assert target["sku"]["name"] == "Premium"
        assert target["properties"]["networkRuleBypassOptions"] == "AzureServices"

    def test_customer_managed_key(self, relocated: Relocated) -> None:
        """Key and identity of the target's region, as the request says; only possible when the registry is made."""
        target = relocated.there()
        vaulted = target["properties"]["encryption"]["keyVaultProperties"]
        assert (vaulted["keyIdentifier"], vaulted["identity"]) == (NEW.key, NEW.client)
        assert list(target["identity"]["userAssignedIdentities"]) == [NEW.identity]

    def test_downtime(self, relocated: Relocated) -> None:
        """Of each way to relocate, with the one that is recommended: pulls go on, pushes stop for the last run."""
        [method] = [one for one in relocated.plan.methods if one.recommended]
        assert (method.name, method.downtime_seconds) == ("warm", relocated.plan.estimate.again_seconds)

    def test_template(self, relocated: Relocated) -> None:
        """Made from what Azure exports, with each change shown; what would eat or hide content has to wait."""
        target = relocated.plan.target
        [own] = [one for one in target.template["resources"] if one["type"].endswith("/registries")]
        assert own["location"] == "northeurope"
        assert "retentionPolicy" not in own["properties"]["policies"]
        assert set(target.deferred) == {"policies", "tasks", "networkRuleSet"}
        assert target.template["parameters"]["webhook_deployfrontend_serviceUri"] == {"type": "secureString"}
        changes = relocated.plan.difference.splitlines()
        assert '-      "location": "westeurope",' in changes
        assert '+      "location": "northeurope",' in changes

    def test_availability_zones(self, relocated: Relocated) -> None:
        """As at the source."""
        assert relocated.there()["properties"]["zoneRedundancy"] == "Enabled"


class TestRedeploy:
    def test_resource_group_and_settings(self, relocated: Relocated) -> None:
        """Name, region, public access, replicas, scope maps; and permissions for repositories."""
        target = relocated.there()
        assert target["location"] == "northeurope"
        assert target["properties"]["publicNetworkAccess"] == "Disabled"
        assert target["properties"]["roleAssignmentMode"] == "AbacRepositoryPermissions"
        assert relocated.there("/replications/francecentral")
        assert relocated.there("/scopeMaps/shop-pull")

    def test_content(self, relocated: Relocated) -> None:
        """Every tag names the same digest."""
        held = [
            relocated.emulator.content(name)["repositories"]
            for name in ("contosoregistry", relocated.request.target.name)
        ]
        assert held[1] == {name: content for name, content in held[0].items() if name in held[1]}
        assert list(held[1]) == ["legacy/monolith"]

    def test_locks_of_content(self, relocated: Relocated) -> None:
        """An import does not carry them."""
        own = relocated.emulator.content(relocated.request.target.name)["repositories"]["legacy/monolith"]
        there = relocated.emulator.content("contosoregistry")["repositories"]["legacy/monolith"]
        assert own["attributes"] == there["attributes"] != {}

    def test_private_endpoint_and_dns(self, relocated: Relocated) -> None:
        """Approved, in the mapped subnet, with the addresses that were fixed, and every name answered with these."""
        group = relocated.request.target_id.partition("/providers/")[0]
        name = f"contoso-acr-pe-{relocated.request.target.name}"
        endpoint = relocated.there(within=f"{group}/providers/Microsoft.Network/privateEndpoints/{name}")
        assert endpoint["properties"]["subnet"]["id"] == f"{SUBNETS_THERE}/endpoints"
        interface = relocated.there(within=endpoint["properties"]["networkInterfaces"][0]["id"])
        own = [one["properties"] for one in interface["properties"]["ipConfigurations"]]
        real = {one["privateLinkConnectionProperties"]["fqdns"][0]: one["privateIPAddress"] for one in own}
        label = relocated.request.target.name
        assert set(real) == {relocated.server} | {
            f"{label}.{region}.data.azurecr.io" for region in ("northeurope", "francecentral")
        }
        members = {one["privateLinkConnectionProperties"]["requiredMemberName"]: one["privateIPAddress"] for one in own}
        assert members == FIXED
        zone = f"{WEST}/Microsoft.Network/privateDnsZones/privatelink.azurecr.io"
        for host, address in real.items():
            record = relocated.there(within=f"{zone}/A/{host.removesuffix('.azurecr.io')}")
            assert record["properties"]["aRecords"] == [{"ipv4Address": address}]
        assert relocated.there(within=f"{zone}/virtualNetworkLinks/contoso-vnet-north-{label}")

    def test_diagnostic_settings(self, relocated: Relocated) -> None:
        """To the same workspace, which takes logs from every region."""
        setting = relocated.there(
            "/providers/Microsoft.Insights/diagnosticSettings/contosoregistry-diagnostic-settings"
        )
        assert setting["properties"]["workspaceId"].endswith("/contoso-logs")

    def test_cluster(self, relocated: Relocated) -> None:
        """In the role that repository permissions honour, and a node has pulled with it."""
        kubelet = relocated.there(within=CLUSTER)["properties"]["identityProfile"]["kubeletidentity"]["objectId"]
        roles = relocated.emulator.resources("Microsoft.Authorization/roleAssignments")
        [own] = [
            one["properties"]
            for one in roles
            if one["properties"]["principalId"] == kubelet
            and one["properties"]["scope"].lower() == relocated.request.target_id.lower()
        ]
        assert own["roleDefinitionId"].endswith(READER)
        assert own["description"] == "acr-relocate: a node has pulled with it"

    def test_token_passwords(self, relocated: Relocated) -> None:
        """Azure shows a password once: a new one is in the key vault, and the token can be signed in with it."""
        credentials = relocated.there("/tokens/edge-site-1")["properties"]["credentials"]
        assert [one["name"] for one in credentials["passwords"]] == ["password1"]
        assert relocated.emulator.stats()["routes"]["PUT /secrets/{name}"] == 1

    def test_manifests_deployment_systems_and_firewalls(self, relocated: Relocated) -> None:
        """Manual steps with their commands; the plan leaves none of them out."""
        commands = "\n".join(entry.command for entry in relocated.plan.dependencies.manual)
        assert "acr-relocate references scan contoso-aks.yaml" in commands
        assert "az containerapp update" in commands


class TestVerify:
    def test_everything_is_compared(self, relocated: Relocated) -> None:
        """Settings, content, network and dependents are level; what was held back has been set since."""
        assert (relocated.report.verdict, relocated.report.differences) == ("relocated", ())
        assert relocated.there()["properties"]["policies"]["retentionPolicy"]["status"] == "enabled"

    def test_the_source_is_as_it_was(self, relocated: Relocated) -> None:
        """Nothing is deleted, and nothing that was loosened stays so: that is for its retirement."""
        source = relocated.there(within=SOURCE)
        assert source["properties"]["publicNetworkAccess"] == "Disabled"
        assert source["properties"]["policies"]["exportPolicy"]["status"] == "enabled"
        assert not [write for write in relocated.emulator.stats()["writes"] if write.startswith("DELETE")]

    def test_no_secret_is_in_plan_or_report(self, relocated: Relocated) -> None:
        """Addresses and headers of webhooks are passed on unseen."""
        told = relocated.plan.model_dump_json() + relocated.report.model_dump_json()
        assert "not-a-real-secret" not in told
        assert "deploy.contoso.com" not in told

    def test_a_difference_is_found(self, relocated: Relocated) -> None:
        """A later manual change of the target is found by the next verification."""
        target = relocated.request.target_id
        relocated.emulator.plant(target, properties={"adminUserEnabled": True})
        try:
            with pytest.raises(NotRelocated, match="1 difference"):
                asyncio.run(verify_relocation(relocated.request))
        finally:
            relocated.emulator.plant(target, properties={"adminUserEnabled": False})
