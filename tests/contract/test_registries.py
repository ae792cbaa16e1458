"""A registry is read completely, from two api-versions, without secrets; names, usage and rights are asked for."""

from typing import Any

import pytest

from acr_relocate.azure.client.session import AzureConnection
from acr_relocate.azure.resources import registries, scopes
from acr_relocate.azure.resources.children import without_secrets
from acr_relocate.azure.resources.registries import merged
from acr_relocate.core import errors
from acr_relocate.core.registry.resource_types import PREVIEW, STABLE
from acr_relocate.core.request.registry_refs import RegistryRef
from acr_relocate.core.target.design import subnet_ids
from local_azure.launcher import Emulator
from tests.contract.registry_factory import GROUP, SUBSCRIPTION, RegistryFactory

ABSENT = RegistryRef(subscription_id=SUBSCRIPTION, resource_group=GROUP, name="nosuchregistry")


async def put(factory: RegistryFactory, ref: RegistryRef, child: str, version: str = STABLE, **body: Any) -> None:
    await factory.azure.arm.put(f"{ref.resource_id}/{child}", version, body, doing=f"Making {child}")


async def test_a_registry_is_read_with_its_children(factory: RegistryFactory) -> None:
    """Settings, and a child of several kinds, each with what a template needs of it."""
    ref = await factory.registry(adminUserEnabled=True)
    callback = {"serviceUri": "https://hooks.example/secret", "actions": ["push"]}
    await put(factory, ref, "webhooks/hook1", location="westeurope", properties=callback)
    await put(factory, ref, "replications/northeurope", location="northeurope", properties={})
    actions = {"actions": ["repositories/app/content/read"]}
    await put(factory, ref, "scopeMaps/readers", properties=actions)

    registry = await registries.read_registry(factory.azure, ref)

    assert (registry.name, registry.location, registry.sku) == (ref.name, "westeurope", "Premium")
    assert registry.login_server == f"{ref.name}.azurecr.io"
    assert registry.properties["adminUserEnabled"] is True
    assert [hook.location for hook in registry.children_of("webhooks")] == ["westeurope"]
    assert "northeurope" in {replica.name for replica in registry.children_of("replications")}
    readers = next(child for child in registry.children_of("scopeMaps") if child.name == "readers")
    assert readers.properties["actions"] == actions["actions"]
    assert registry.unread == {}


async def test_no_secret_is_read(factory: RegistryFactory) -> None:
    """A webhook's address is nowhere in the registry; only who asks for it gets it, and its repr hides it."""
    ref = await factory.registry()
    callback = {"serviceUri": "https://hooks.example/secret", "customHeaders": {"X-Key": "k"}, "actions": ["push"]}
    await put(factory, ref, "webhooks/hook1", location="westeurope", properties=callback)

    registry = await registries.read_registry(factory.azure, ref)
    secret = await registries.webhook_callback(factory.azure, ref.resource_id, "hook1")

    assert "hooks.example" not in registry.model_dump_json()
    assert secret.service_uri == "https://hooks.example/secret"
    assert secret.custom_headers == {"X-Key": "k"}
    assert "hooks.example" not in repr(secret)


def test_what_azure_should_not_return_goes_no_further() -> None:
    """Should a password ever be returned, or be in an address, it is dropped; names and settings stay."""
    task = {
        "credentials": {"passwords": [{"name": "password1", "value": "SECRET", "expiry": "2027"}]},
        "step": {"contextAccessToken": "SECRET", "values": [{"name": "a", "value": "SECRET", "isSecret": True}]},
        "values": [{"name": "b", "value": "plain"}],
        "credentials.customRegistries": {"docker.io": {"userName": {"type": "Opaque", "value": "SECRET"}}},
        "contextPath": "https://someone:SECRET@github.com/contoso/shop.git#main",
    }

    scrubbed = without_secrets(task)

    assert "SECRET" not in str(scrubbed)
    assert scrubbed["values"] == task["values"]
    assert scrubbed["contextPath"] == "https://…@github.com/contoso/shop.git#main"
    assert scrubbed["credentials"]["passwords"] == [{"name": "password1", "expiry": "2027"}]


async def test_what_only_a_preview_knows_is_read(factory: RegistryFactory) -> None:
    """Virtual network rules and soft delete, which the stable api-version drops silently."""
    ref = await factory.registry()
    subnet = (
        f"/subscriptions/{SUBSCRIPTION}/resourceGroups/{GROUP}/providers/Microsoft.Network/virtualNetworks/v/subnets/s"
    )
    rule = {"virtualNetworkSubnetResourceId": subnet, "action": "Allow"}
    rules = {"defaultAction": "Deny", "virtualNetworkRules": [rule], "ipRules": []}
    body = {"properties": {"networkRuleSet": rules, "policies": {"softDeletePolicy": {"status": "enabled"}}}}
    await factory.azure.arm.patch(ref.resource_id, PREVIEW, body, doing="Making rules")

    properties = (await registries.read_registry(factory.azure, ref)).properties

    assert properties["networkRuleSet"]["virtualNetworkRules"][0]["virtualNetworkSubnetResourceId"] == subnet
    assert properties["networkRuleSet"]["defaultAction"] == "Deny"
    assert properties["policies"]["softDeletePolicy"]["status"] == "enabled"


def test_where_two_versions_disagree_the_stable_one_is_right() -> None:
    """Key by key, also inside; lists are taken whole."""
    preview = {"a": 1, "inner": {"old": 1, "only": 2}, "list": [1, 2]}
    stable = {"a": 9, "inner": {"old": 8}, "list": [3]}

    assert merged(preview, stable) == {"a": 9, "inner": {"old": 8, "only": 2}, "list": [3]}


async def test_an_absent_registry_is_absent(azure: AzureConnection) -> None:
    """None for who may find nothing, NotFound with its name for who needs it."""
    assert await registries.find_registry(azure, ABSENT) is None
    with pytest.raises(errors.NotFound, match="nosuchregistry"):
        await registries.read_registry(azure, ABSENT)


async def test_a_registry_that_may_not_be_read_is_not_absent(
    factory: RegistryFactory, emulator: Emulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A 5xx or a 429 without end is an error, also for who may find nothing."""
    ref = await factory.registry()
    emulator.arm_fault("throttle-arm", retry_after=0.01, times="always")

    with pytest.raises(errors.Throttled):
        await registries.find_registry(factory.azure, ref)


async def test_names_are_free_or_taken(factory: RegistryFactory) -> None:
    """Names are global: what exists is taken, with Azure's reason."""
    ref = await factory.registry()

    free = await registries.check_name(factory.azure, SUBSCRIPTION, "surelynobodyhasthis")
    taken = await registries.check_name(factory.azure, SUBSCRIPTION, ref.name)

    assert free.available
    assert not taken.available
    assert "already in use" in taken.message


async def test_usage_is_told_with_its_limits(factory: RegistryFactory) -> None:
    """Bytes and webhooks: current value and limit."""
    ref = await factory.registry()
    await factory.pushed(ref).image("app", "1")

    usage = await registries.usages(factory.azure, ref)

    size, limit = usage["Size"]
    assert 0 < size < limit
    assert usage["Webhooks"] == (0, 500)


@pytest.mark.parametrize("deferred", [False, True])
async def test_the_newest_api_version_that_azure_offers_is_used(
    factory: RegistryFactory, emulator: Emulator, *, deferred: bool
) -> None:
    """2026-11-01 where it has come; where it has not, the preview shows and writes the same."""
    if deferred:
        emulator.arm_fault("version-not-offered", version="2026-11-01")
    ref = await factory.registry()
    subnet = f"{ref.resource_id.partition('/providers/')[0]}/providers/Microsoft.Network/virtualNetworks/v/subnets/s"
    rules = {"defaultAction": "Deny", "virtualNetworkRules": [{"virtualNetworkSubnetResourceId": subnet}]}
    await factory.azure.arm.patch(ref.resource_id, PREVIEW, {"properties": {"networkRuleSet": rules}}, doing="Closing")

    registry = await registries.read_registry(factory.azure, ref)

    assert registry.api_versions.stable == ("2025-11-01" if deferred else "2026-11-01")
    assert subnet_ids(registry) == [subnet]
    assert registry.api_versions.to_write(registry.properties) == (PREVIEW if deferred else "2026-11-01")
    assert registry.unread == {}


async def test_throttled_arm_is_waited_for(factory: RegistryFactory, emulator: Emulator) -> None:
    """Fault throttle-arm: a few refusals delay, and are counted."""
    ref = await factory.registry()
    emulator.arm_fault("throttle-arm", retry_after=0.02)

    assert (await registries.read_registry(factory.azure, ref)).name == ref.name
    assert factory.azure.budgets.refusals >= 3


async def test_a_cut_connection_to_arm_is_tried_again(factory: RegistryFactory, emulator: Emulator) -> None:
    """Fault cut-connection on ARM: reading is repeated."""
    ref = await factory.registry()
    emulator.arm_fault("cut-connection", plane="arm")

    assert (await registries.read_registry(factory.azure, ref)).name == ref.name
    assert emulator.faults()["cut-connection"]["taken"] == 1


async def test_locks_in_force_are_found(factory: RegistryFactory) -> None:
    """On the registry and above it; not those on its neighbours."""
    ref, neighbour = await factory.registry(), await factory.registry()
    for scope in (ref.resource_id, neighbour.resource_id):
        path = f"{scope}/providers/Microsoft.Authorization/locks/keep"
        body = {"properties": {"level": "CanNotDelete"}}
        await factory.azure.arm.put(path, scopes.LOCKS_API, body, doing="Locking")

    found = await scopes.locks(factory.azure, ref.resource_id)

    assert [(lock.scope, lock.name, lock.level) for lock in found] == [(ref.resource_id, "keep", "CanNotDelete")]


async def test_the_region_the_provider_and_the_rights_are_told(factory: RegistryFactory) -> None:
    """The checks read all they need before anything is changed."""
    azure = factory.azure
    await factory.registry()

    offer = await scopes.region_offer(azure, SUBSCRIPTION, "northeurope")

    assert offer.registries
    assert offer.zones == ("1", "2", "3")
    assert not (await scopes.region_offer(azure, SUBSCRIPTION, "atlantis")).registries
    assert await scopes.provider_state(azure, SUBSCRIPTION) == "Registered"
    group = f"/subscriptions/{SUBSCRIPTION}/resourceGroups/{GROUP}"
    assert (await scopes.permissions(azure, group))[0].actions == ("*",)
