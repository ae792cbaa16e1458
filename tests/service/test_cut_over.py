"""The whole journey with everything that depends on a registry: each has what it needs, and it is done once."""

import asyncio
import json
import re
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from acr_relocate.azure.changes import cut_over
from acr_relocate.azure.client.session import connection
from acr_relocate.core.cut_over import CutOverAction, dns
from acr_relocate.core.errors import NotRelocated, RelocationError, TemporaryFailure
from flows.cut_over import cut_over_dependents
from flows.plan import plan_relocation
from flows.relocate import relocate_registry
from local_azure.launcher import Emulator, running
from local_azure.state import settings
from tests.service.conftest import LEAST, SUBSCRIPTION, Move, make_move
from tests.service.test_plan_writes import announced, made
from tests.service.test_steps import Lightning

GROUP = f"/subscriptions/{SUBSCRIPTION}/resourceGroups/contoso-west"
NORTH = f"/subscriptions/{SUBSCRIPTION}/resourceGroups/contoso-network-north/providers/Microsoft.Network"
SOURCE = f"{GROUP}/providers/Microsoft.ContainerRegistry/registries/contosoregistry"
VAULT = f"{GROUP}/providers/Microsoft.KeyVault/vaults/contosovault"
POLICIES = f"{GROUP}/providers/Microsoft.KeyVault/vaults/contosopolicies"
HUB = "99999999-9999-9999-9999-999999999999"
NETWORKS = f"{GROUP}/providers/Microsoft.Network"
NODES = f"{GROUP}/providers/Microsoft.ManagedIdentity/userAssignedIdentities/contoso-aks-to-come"
ALERT = f"{GROUP}/providers/Microsoft.Insights/metricAlerts/storage-is-full"
RECEIVER = "https://scan.contoso.com/events?code=not-a-real-secret"
DEFINITIONS = f"/subscriptions/{SUBSCRIPTION}/providers/Microsoft.Authorization/roleDefinitions"
SECRETS_OFFICER, SECRETS_USER = "b86a8fe4-44ce-4948-aee5-eccb2c155cd7", "4633458b-17de-408a-b874-0445c86b69e6"
WEST_NETWORK = f"{GROUP}/providers/Microsoft.Network/virtualNetworks/contoso-vnet/subnets"
NORTH_NETWORK = f"{NORTH}/virtualNetworks/contoso-vnet-north/subnets"


@pytest.fixture(scope="module", name="own_emulator")
def _own_emulator() -> Iterator[Emulator]:
    with running("demo") as emulator, pytest.MonkeyPatch.context() as patch:
        for name, value in emulator.env.items():
            patch.setenv(name, value)
        _plant_more(emulator)
        asyncio.run(_create_names_manually())
        yield emulator


@pytest.fixture(name="everything")
def _everything(own_emulator: Emulator, monkeypatch: pytest.MonkeyPatch) -> Move:
    """The lifelike registry with all of its surroundings, to be moved with all of them."""
    for name, value in own_emulator.env.items():
        monkeypatch.setenv(name, value)
    own_emulator.reset_stats()
    return make_move(
        own_emulator,
        LEAST,
        subnets={f"{WEST_NETWORK}/{name}": f"{NORTH_NETWORK}/{name}" for name in ("apps", "endpoints")},
        token_vault="contosovault",
        kubelet_identities=[NODES],
    )


def _plant_more(emulator: Emulator) -> None:
    """Add what the lifelike seed does not have: a vault with roles, a token in use, an alert, a receiver, a lock."""
    registry = next(one for one in emulator.resources() if one["id"] == SOURCE)
    uri = {"vaultUri": "https://contosovault.vault.azure.net/", "enableRbacAuthorization": True, "accessPolicies": []}
    emulator.plant(VAULT, location="westeurope", properties=uri)
    _assign(emulator, VAULT, "1", settings.OWNER_OBJECT_ID, SECRETS_OFFICER)
    _assign(emulator, VAULT, "2", registry["identity"]["principalId"], SECRETS_USER)
    secret = "https://contosopolicies.vault.azure.net/secrets/hub"
    policy = {"tenantId": settings.TENANT_ID, "objectId": HUB, "permissions": {"secrets": ["get"]}}
    emulator.plant(
        POLICIES,
        location="westeurope",
        properties={"vaultUri": "https://contosopolicies.vault.azure.net/", "accessPolicies": [policy]},
    )
    emulator.plant(
        f"{SOURCE}/credentialSets/dockerhub",
        identity={"type": "SystemAssigned", "principalId": HUB},
        properties={
            "loginServer": "docker.io",
            "authCredentials": [
                {"name": "Credential1", "usernameSecretIdentifier": secret, "passwordSecretIdentifier": secret}
            ],
        },
    )
    emulator.plant(NODES, location="westeurope", properties={"principalId": "77777777-7777-7777-7777-777777777777"})
    emulator.plant(f"{SOURCE}/tokens/edge-site-1", properties={"credentials": {"passwords": [{"name": "password1"}]}})
    alert = {"scopes": [SOURCE], "enabled": True, "targetResourceRegion": "westeurope", "severity": 2}
    emulator.plant(ALERT, location="global", properties=alert)
    emulator.plant(
        f"{SOURCE}/providers/Microsoft.Authorization/locks/keep", properties={"level": "CanNotDelete", "notes": ""}
    )


async def _create_names_manually() -> None:
    """The names of the private endpoint are records that somebody wrote, instead of a zone group's."""
    async with connection() as azure:
        zone, doing = f"{NETWORKS}/privateDnsZones/privatelink.azurecr.io", "Planting"
        records = await azure.arm.list(f"{zone}/A", dns.DNS_RECORDS_API, doing=doing)
        group = f"{NETWORKS}/privateEndpoints/contoso-acr-pe/privateDnsZoneGroups/default"
        await azure.arm.delete(group, dns.NETWORK_API, doing=doing)
        for record in records:
            told = {"properties": {"ttl": 300, "aRecords": record["properties"]["aRecords"]}}
            await azure.arm.put(f"{zone}/A/{record['name']}", dns.DNS_RECORDS_API, told, doing=doing)


def _assign(emulator: Emulator, scope: str, name: str, principal: str, role: str) -> None:
    properties = {
        "principalId": principal, "roleDefinitionId": f"{DEFINITIONS}/{role}", "scope": scope,
        "principalType": "ServicePrincipal",
    }  # fmt: skip
    emulator.plant(f"{scope}/providers/Microsoft.Authorization/roleAssignments/{name}", properties=properties)


def roles_at(emulator: Emulator, scope: str) -> Counter[tuple[str, str]]:
    """Return the holder of each role at exactly this scope."""
    return Counter(
        (one["properties"]["principalId"], one["properties"]["roleDefinitionId"].rpartition("/")[2])
        for one in emulator.resources("Microsoft.Authorization/roleAssignments")
        if one["properties"]["scope"].lower() == scope.lower()
    )


def there(emulator: Emulator, path: str) -> dict[str, Any]:
    found: dict[str, Any] = next(one for one in emulator.resources() if one["id"].lower() == path.lower())
    return found


async def test_everything_that_depends_on_the_registry_may_use_the_target(everything: Move) -> None:
    """Every kind of dependent in one relocation; the plan announced each call, and again nothing is written."""
    emulator, target = everything.emulator, everything.request.target_id
    plan = await plan_relocation(everything.request)
    emulator.reset_stats()

    report = await relocate_registry(everything.request)

    assert (report.verdict, report.failures) == ("relocated", ())
    assert made(emulator.stats()) == announced(plan)
    nodes = ("77777777-7777-7777-7777-777777777777", "7f951dda-4ed3-4680-a7ca-43fe172d538d")
    assert roles_at(emulator, target) == roles_at(emulator, SOURCE) + Counter([nodes])
    assert "pull by contoso-aks" in {one.subject for one in report.cut_over if one.kind == "created"}
    own = there(emulator, target)["identity"]["principalId"]
    assert (own, SECRETS_USER) in roles_at(emulator, VAULT)
    name = everything.request.target.name
    assert there(emulator, f"{ALERT}-{name}")["properties"]["scopes"] == [target]
    topic = f"{target.partition('/providers/')[0]}/providers/Microsoft.EventGrid/systemTopics/contoso-acr-events-{name}"
    assert there(emulator, topic)["properties"]["source"] == target
    assert there(emulator, f"{topic}/eventSubscriptions/scan-on-push")["properties"]["destination"]
    links = there(emulator, f"{GROUP}/providers/Microsoft.Network/privateDnsZones/privatelink.azurecr.io/"
                  f"virtualNetworkLinks/contoso-vnet-north-{name}")  # fmt: skip
    assert links["properties"]["virtualNetwork"]["id"].endswith("contoso-vnet-north")
    hub = there(emulator, f"{target}/credentialSets/dockerhub")["identity"]["principalId"]
    let_in = there(emulator, POLICIES)["properties"]["accessPolicies"]
    assert {one["objectId"]: one["permissions"] for one in let_in}[hub] == {"secrets": ["get"]}
    endpoint = target.partition("/providers/")[0] + "/providers/Microsoft.Network/privateEndpoints/contoso-acr-pe"
    assert there(emulator, f"{endpoint}-{name}/privateDnsZoneGroups/default")
    records = emulator.resources("Microsoft.Network/privateDnsZones/A")
    assert {one["name"] for one in records if one["name"].startswith(name)} == {
        name, f"{name}.northeurope.data", f"{name}.francecentral.data",
    }  # fmt: skip
    assert there(emulator, target)["properties"]["policies"]["retentionPolicy"]["status"] == "enabled"
    assert there(emulator, f"{target}/providers/Microsoft.Authorization/locks/keep")

    emulator.reset_stats()
    again = await relocate_registry(everything.request)

    assert emulator.stats()["writes"] == []
    assert {outcome.kind for outcome in again.cut_over} == {"already_there"}
    assert announced(await plan_relocation(everything.request)) == Counter()


async def test_taken_back_nothing_of_the_cut_over_remains(everything: Move) -> None:
    """All that was around the two registries is as it was before; and no node can pull from the target any more."""
    request = everything.request.model_copy(update={"cut_over": False})
    await relocate_registry(request)
    before = everything.emulator.resources()
    drawn = (await plan_relocation(everything.request)).cut_over
    await cut_over_dependents(everything.request)
    (pull,) = [one for one in drawn.actions if one.mark]

    async with connection() as azure:
        assert await cut_over.is_done(azure, pull)
        for action in reversed((*drawn.actions, *drawn.deferred)):
            await cut_over.undo(azure, action, everything.request)
        with pytest.raises(TemporaryFailure, match="401 Unauthorized"):
            await cut_over.apply_action(azure, pull)
        again = [await cut_over.undo(azure, one, everything.request) for one in (*drawn.deferred, *drawn.actions)]

    assert _settled(everything.emulator.resources()) == _settled(before)
    assert {outcome.kind for outcome in again} <= {"already_there", "skipped"}


def _settled(resources: list[dict[str, Any]]) -> dict[str, str]:
    """Return all in Azure but times of change, leases, and names of passwords, which a token keeps."""
    kept = {
        one["id"].lower(): json.dumps({**one, "systemData": None})
        for one in resources
        if "/tokens/" not in one["id"] and "/deployments/acr-relocate-lease-" not in one["id"]
    }
    of_reading = r'"lastUpdatedTime": "[^"]*"|, "provisioningState": "Succeeded"'  # the latter once it was looked at
    return {name: re.sub(of_reading, "", text) for name, text in kept.items()}


async def test_each_action_fails_and_a_run_again_completes(everything: Move, monkeypatch: pytest.MonkeyPatch) -> None:
    """Before it is done or right after: all failures are told, none holds up another, and again it is whole."""
    struck: set[str] = set()
    carry_out: Callable[..., Any] = cut_over.apply_action

    async def broken(azure: Any, action: CutOverAction) -> Any:
        if action.id in struck:
            return await carry_out(azure, action)
        struck.add(action.id)
        if len(struck) % 2:
            await carry_out(azure, action)
        raise Lightning("struck by lightning")

    monkeypatch.setattr(cut_over, "apply_action", broken)
    plan = await plan_relocation(everything.request)
    with pytest.raises(NotRelocated, match=f"{len(plan.cut_over.actions)} failures"):
        await relocate_registry(everything.request)
    assert struck == {action.id for action in plan.cut_over.actions}  # what is held back waits for a clean one

    with pytest.raises(RelocationError):
        await cut_over_dependents(everything.request)  # now that is struck
    report = await cut_over_dependents(everything.request)

    assert report.verdict == "relocated"
    assert struck == {action.id for action in (*plan.cut_over.actions, *plan.cut_over.deferred)}
    names = Counter(one["id"].lower() for one in everything.emulator.resources())
    assert set(names.values()) == {1}
    assert roles_at(everything.emulator, everything.request.target_id) >= roles_at(everything.emulator, SOURCE)
