"""Settings that name something outside of the registry: mapped by the request, or reported one by one."""

from typing import Any

import pytest

from acr_relocate.core.registry.inventory import Child, Registry
from acr_relocate.core.target.design import Design, design
from acr_relocate.core.target.external_references import external_ids
from tests.support.builders import SUBSCRIPTION, child, registry, request, target_ref

GROUP = f"/subscriptions/{SUBSCRIPTION}/resourceGroups/shared/providers"
IDENTITY = f"{GROUP}/Microsoft.ManagedIdentity/userAssignedIdentities/west"
STORAGE = f"{GROUP}/Microsoft.Storage/storageAccounts/westlogs"
SUBNET = f"{GROUP}/Microsoft.Network/virtualNetworks/west/subnets/agents"
KEY = "https://westvault.vault.azure.net/keys/registry"


def designed(*children: Child, regions: dict[str, str] | None = None, **fields: Any) -> Design:
    own = {name: fields.pop(name) for name in ("identity", "tags", "properties") if name in fields}
    source: Registry = registry("contosoregistry", *children, regions=regions or {}, **own)
    return design(source, request(**fields))


def codes(target: Design) -> dict[str, str]:
    return {note.resource: note.code for note in (*target.notes, *target.mappings)}


def assigned(identity: str) -> dict[str, Any]:
    return {"type": "UserAssigned", "userAssignedIdentities": {identity: {}}}


def test_what_is_of_the_region_to_be_left_is_a_decision() -> None:
    """With the line that maps it."""
    target = designed(identity=assigned(IDENTITY), regions={IDENTITY.lower(): "westeurope"})

    [note] = target.mappings
    assert (note.code, note.severity, note.resource) == ("stays_in_old_region", "decision", IDENTITY)
    assert note.remedy.startswith(f"# In the request:\nreplacements:\n  {IDENTITY}:")


@pytest.mark.parametrize(("region", "code"), [("uksouth", "shared_with_source"), ("", "shared_with_source")])
def test_what_is_elsewhere_or_unknown_is_shared(region: str, code: str) -> None:
    """A note: both registries use it."""
    target = designed(identity=assigned(IDENTITY), regions={IDENTITY.lower(): region} if region else {})

    assert codes(target) == {IDENTITY: code}


def test_what_is_in_the_targets_region_needs_no_word() -> None:
    """It is where it should be."""
    assert codes(designed(identity=assigned(IDENTITY), regions={IDENTITY.lower(): "northeurope"})) == {}


def test_what_is_mapped_is_replaced_in_every_case_and_said_no_more() -> None:
    """Ids ignore case, and what is beneath a mapped resource goes with it."""
    there = IDENTITY.replace("west", "north")
    rule = child("cacheRules", "rule", sourceRepository="a", targetRepository="b").model_copy(
        update={"identity": assigned(IDENTITY.upper().replace("/SUBSCRIPTIONS", "/subscriptions"))}
    )

    target = designed(rule, identity=assigned(IDENTITY), replacements={IDENTITY: there})

    assert codes(target) == {}
    assert target.registry.identity == assigned(there)
    assert target.registry.children[0].identity == assigned(there)


def test_a_key_is_reported_and_replaced() -> None:
    """An address of a vault is no resource id, and is mapped in the same way."""
    encryption = {"status": "enabled", "keyVaultProperties": {"keyIdentifier": f"{KEY}/1", "identity": "id"}}
    properties = {"encryption": encryption}

    kept = designed(properties=properties)
    replaced = designed(properties=properties, replacements={KEY: KEY.replace("west", "north"), "id": "other"})

    assert codes(kept) == {f"{KEY}/1": "shared_with_source"}
    made = replaced.registry.properties["encryption"]["keyVaultProperties"]
    assert made == {"keyIdentifier": f"{KEY.replace('west', 'north')}/1", "identity": "other"}


def test_the_client_id_of_a_replaced_identity_has_to_be_replaced_too() -> None:
    """Azure names the reader of the key by its client id, apart from the identity itself."""
    reader = {"type": "UserAssigned", "userAssignedIdentities": {IDENTITY: {"clientId": "c1"}}}
    properties = {"encryption": {"status": "enabled", "keyVaultProperties": {"keyIdentifier": "k", "identity": "c1"}}}
    there = {IDENTITY: IDENTITY.replace("west", "north")}

    half = designed(identity=reader, properties=properties, replacements=there)
    whole = designed(identity=reader, properties=properties, replacements=there | {"c1": "c2"})

    [note] = half.mappings
    assert (note.code, note.remedy.split(":")[2].strip()) == ("key_identity_without_mapping", "c1")
    assert whole.mappings == ()


def test_the_old_regions_name_is_reported_where_it_stands() -> None:
    """In a tag, say; as a word of its own only."""
    target = designed(tags={"region": "westeurope", "site": "westeurope2"})

    [note] = target.mappings
    assert (note.code, "westeurope" in note.message) == ("names_old_region", True)


def test_nothing_is_said_of_a_region_that_is_not_left() -> None:
    """Same region, other resource group: everything the source uses can be used by the target."""
    pool = child("agentPools", "pool", "westeurope", count=1, virtualNetworkSubnetResourceId=SUBNET)
    logs = child("diagnosticSettings", "logs", storageAccountId=STORAGE, logs=[])
    rules = {"networkRuleSet": {"virtualNetworkRules": [{"action": "Allow", "id": SUBNET}]}}

    target = designed(
        pool, logs, tags={"region": "westeurope"}, properties=rules, target=target_ref(location="westeurope")
    )

    assert set(codes(target).values()) <= {"shared_with_source"}
    assert {one.kind for one in target.registry.children} == {"agentPools", "diagnosticSettings"}
    assert SUBNET in str(target.deferred["networkRuleSet"])


def test_an_agent_pool_of_a_region_without_pools_is_left_out_with_its_tasks() -> None:
    """Both are said."""
    pool = child("agentPools", "pool", "westeurope", count=1)
    step = {"type": "EncodedTask", "encodedTaskContent": "dmVyc2lvbjogdjEuMS4wCg=="}
    task = child("tasks", "build", "westeurope", step=step, agentPoolName="pool")

    target = designed(pool, task, target=target_ref(location="ukwest"))

    assert target.registry.children == ()
    assert codes(target) == {"agentPools/pool": "by_hand", "tasks/build": "by_hand"}


def test_a_task_that_names_the_source_is_a_decision() -> None:
    """Its steps are encoded, and read all the same."""
    content = (
        "c3RlcHM6CiAgLSBidWlsZDogLXQgY29udG9zb3JlZ2lzdHJ5LmF6dXJlY3IuaW8vYXBwIC4K"  # names contosoregistry.azurecr.io
    )
    task = child("tasks", "build", "westeurope", step={"type": "EncodedTask", "encodedTaskContent": content})

    assert codes(designed(task)) == {"tasks/build": "task_names_source"}


def test_the_references_of_a_registry_are_its_outside_resources() -> None:
    """Each once, and by the resource that they are a part of; the registry's own children do not count."""
    token = child("tokens", "t", scopeMapId=f"{registry().id}/scopeMaps/m")
    pool = child("agentPools", "pool", virtualNetworkSubnetResourceId=SUBNET)

    source = registry("contosoregistry", token, pool, pool, identity=assigned(IDENTITY))

    assert set(external_ids(source)) == {IDENTITY, SUBNET.partition("/subnets/")[0]}


def test_a_property_that_no_definition_has_is_said() -> None:
    """Of the registry and of a child: left out, and not silently."""
    target = designed(child("scopeMaps", "map-1", actions=[], novelty=True), properties={"marvel": 1})

    assert [note.code for note in target.notes] == ["unknown_property", "unknown_property"]
    assert "novelty" not in str(target.registry)
