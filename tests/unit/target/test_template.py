"""The template of the target: what is carried, what is changed, what is left out and said."""

import json
from typing import Any

import pytest

from acr_relocate.core.registry.inventory import Child, Registry
from acr_relocate.core.request.identity import PLAN_TAG, SOURCE_TAG, plan_id
from acr_relocate.core.target.template import TargetTemplate, build_template
from tests.support.builders import SUBSCRIPTION, child, registry, request
from tests.unit.conftest import Golden

SOURCE_ID = registry().id
SUBNETS = f"/subscriptions/{SUBSCRIPTION}/resourceGroups/net/providers/Microsoft.Network/virtualNetworks/west/subnets"
IDENTITY = (
    f"/subscriptions/{SUBSCRIPTION}/resourceGroups/g/providers/Microsoft.ManagedIdentity/userAssignedIdentities/u"
)


def target(source: Registry | None = None, exported: Any = None, **fields: Any) -> TargetTemplate:
    return build_template(exported, source or registry(), request(**fields))


def resource(template: TargetTemplate, kind: str = "registries", name: str = "") -> dict[str, Any]:
    [found] = [
        resource
        for resource in template.template["resources"]
        if resource["type"].endswith(kind) and (not name or f"'{name}')" in resource["name"])
    ]
    return found


def codes(template: TargetTemplate) -> list[str]:
    return [note.code for note in template.notes]


def policies(**statuses: str) -> dict[str, Any]:
    return {"policies": {name: {"status": status} for name, status in statuses.items()}}


FULL = registry(
    "contosoregistry",
    child("replications", "westeurope", "westeurope", regionEndpointEnabled=True, zoneRedundancy="Enabled"),
    child("replications", "northeurope", "northeurope", regionEndpointEnabled=True, zoneRedundancy="Disabled"),
    child(
        "replications",
        "uksouth",
        "UK South",
        regionEndpointEnabled=True,
        zoneRedundancy="Disabled",
        provisioningState="Succeeded",
        status={"displayStatus": "Ready"},
    ),
    child("scopeMaps", "_repositories_pull", type="SystemDefined", actions=["repositories/*/content/read"]),
    child(
        "scopeMaps",
        "ci-map",
        description="[ci] may push]",
        actions=["repositories/app/content/write"],
        type="UserDefined",
        creationDate="2024-01-01T00:00:00Z",
    ),
    child("scopeMaps", "edge-map", type="UserDefined", actions=["gateway/edge/config/read"]),
    child(
        "tokens",
        "ci",
        scopeMapId=f"{SOURCE_ID}/scopeMaps/ci-map",
        status="enabled",
        credentials={"passwords": [{"name": "password1"}], "certificates": []},
    ),
    child("tokens", "puller", scopeMapId=f"{SOURCE_ID.upper()}/scopeMaps/_repositories_pull", status="disabled"),
    child("tokens", "edge-sync", scopeMapId=f"{SOURCE_ID}/scopeMaps/edge-map", status="enabled"),
    child("webhooks", "home", "westeurope", status="enabled", scope="app:*", actions=["push"]),
    child("webhooks", "atreplica", "uksouth", status="enabled", scope="", actions=["delete"]),
    child(
        "credentialSets",
        "hub",
        loginServer="docker.io",
        authCredentials=[
            {
                "name": "Credential1",
                "usernameSecretIdentifier": "https://kv.vault.azure.net/secrets/user",
                "passwordSecretIdentifier": "https://kv.vault.azure.net/secrets/pass",
                "credentialHealth": {"status": "Healthy"},
            }
        ],
    ),
    child(
        "cacheRules",
        "hub",
        sourceRepository="docker.io/library/*",
        targetRepository="hub/*",
        credentialSetResourceId=f"{SOURCE_ID}/credentialSets/hub",
    ),
    child("connectedRegistries", "edge"),
    child("tasks", "build", "westeurope"),
    child("tasks", "quickbuildtask", "westeurope", isSystemTask=True),
    child("taskRuns", "run1"),
    child("exportPipelines", "out", "westeurope"),
    child("privateEndpointConnections", "pe1"),
    tags={"team": "platform", "odd": "[not an expression]"},
    identity={
        "type": "SystemAssigned, UserAssigned",
        "principalId": "p",
        "tenantId": "t",
        "userAssignedIdentities": {IDENTITY: {"clientId": "c", "principalId": "q"}},
    },
    properties={
        "zoneRedundancy": "Enabled",
        "networkRuleSet": {
            "defaultAction": "Deny",
            "ipRules": [{"action": "Allow", "value": "203.0.113.0/24"}],
            "virtualNetworkRules": [
                {"action": "Allow", "id": f"{SUBNETS}/apps"},
                {"action": "Allow", "virtualNetworkSubnetResourceId": f"{SUBNETS}/unmapped"},
            ],
        },
        "policies": {
            "azureADAuthenticationAsArmPolicy": {"status": "enabled"},
            "exportPolicy": {"status": "enabled"},
            "quarantinePolicy": {"status": "disabled"},
            "retentionPolicy": {"days": 30, "status": "enabled", "lastUpdatedTime": "2024-01-01T00:00:00Z"},
            "softDeletePolicy": {"retentionDays": 7, "status": "enabled"},
            "trustPolicy": {"type": "Notary", "status": "enabled"},
        },
        "somethingNew": True,
    },
)
MAPPING = {f"{SUBNETS}/APPS": f"{SUBNETS}/apps".replace("west", "north")}


def test_a_full_registry_becomes_this_template(golden: Golden) -> None:
    """Every kind of child and every awkward setting at once, as a person has read it."""
    result = target(FULL, subnets=MAPPING)

    golden("template/full.json", result.model_dump(mode="json"))


def test_rewriting_is_pure() -> None:
    """The source is as it was, and the same input gives the same template."""
    before = FULL.model_dump_json()

    first, second = target(FULL), target(FULL)

    assert FULL.model_dump_json() == before
    assert first == second


def test_registry_has_name_region_and_origin() -> None:
    """A parameter for the name, the target's region, and which relocation it is from where."""
    result = target()

    assert result.template["parameters"]["registryName"] == {"type": "string", "defaultValue": "contosoregistryne"}
    assert resource(result)["name"] == "[parameters('registryName')]"
    assert resource(result)["location"] == "northeurope"
    assert resource(result)["tags"] == {PLAN_TAG: plan_id(request()), SOURCE_TAG: SOURCE_ID}


def test_read_only_properties_are_stripped() -> None:
    """Values that Azure sets are not sent back to it."""
    sent = json.dumps(resource(target()))

    for name in ("loginServer", "creationDate", "provisioningState", "lastUpdatedTime", "privateEndpointConnections"):
        assert name not in sent


@pytest.mark.parametrize(
    ("properties", "api_version"),
    [
        ({}, "2025-11-01"),
        ({"metadataSearch": "Disabled", "endpointProtocol": "IPv4"}, "2025-11-01"),
        ({"metadataSearch": "Enabled"}, "2026-03-01-preview"),
    ],
    ids=["stable", "stable for a preview's defaults", "preview for what only it has"],
)
def test_api_version_is_stable_unless_it_would_drop_something(properties: dict[str, Any], api_version: str) -> None:
    """The stable api-version drops what it does not know, and says nothing."""
    assert resource(target(registry(properties=properties)))["apiVersion"] == api_version


@pytest.mark.parametrize("wire_name", ["id", "virtualNetworkSubnetResourceId"])
def test_virtual_network_rules_are_mapped(wire_name: str) -> None:
    """Under either of their names on the wire; they wait until the imports are done."""
    rules = {"defaultAction": "Deny", "virtualNetworkRules": [{"action": "Allow", wire_name: f"{SUBNETS}/apps"}]}
    source = registry(properties={"networkRuleSet": rules})

    made = target(source, subnets=MAPPING)

    assert resource(made)["properties"]["networkRuleSet"] == {"defaultAction": "Deny"}
    assert made.deferred["networkRuleSet"] == {
        "virtualNetworkRules": [
            {"action": "Allow", "virtualNetworkSubnetResourceId": f"{SUBNETS}/apps".replace("west", "north")}
        ]
    }


def test_virtual_network_rule_without_mapping_is_left_out_and_said() -> None:
    """A rule for the old region's subnet would not work."""
    rules = {"defaultAction": "Deny", "virtualNetworkRules": [{"id": f"{SUBNETS}/apps"}]}

    result = target(registry(properties={"networkRuleSet": rules}))

    assert resource(result)["properties"]["networkRuleSet"] == {"defaultAction": "Deny"}
    assert codes(result) == ["virtual_network_rule_without_mapping"]


@pytest.mark.parametrize(
    ("name", "status"),
    [
        ("retentionPolicy", "enabled"),
        ("softDeletePolicy", "enabled"),
        ("quarantinePolicy", "enabled"),
        ("exportPolicy", "disabled"),
    ],
)
def test_policy_that_would_eat_imported_content_is_withheld(name: str, status: str) -> None:
    """It is not in the template, and is returned to be set later."""
    result = target(registry(properties=policies(**{name: status})))

    assert "policies" not in resource(result)["properties"]
    assert result.deferred == policies(**{name: status})


def test_harmless_policy_is_deployed() -> None:
    """Only what would do harm waits; soft delete, which the stable api-version lacks, is off by being left out."""
    statuses = {"exportPolicy": "enabled", "retentionPolicy": "disabled", "softDeletePolicy": "disabled"}

    result = target(registry(properties=policies(**statuses)))

    assert resource(result)["properties"]["policies"] == {
        "exportPolicy": {"status": "enabled"},
        "retentionPolicy": {"status": "disabled"},
    }
    assert result.deferred == {}


def test_identity_keeps_its_users_and_gets_a_principal_of_its_own() -> None:
    """Principals and clients are Azure's to say."""
    assert resource(target(FULL))["identity"] == {
        "type": "SystemAssigned, UserAssigned",
        "userAssignedIdentities": {IDENTITY: {}},
    }


def test_replications_turn_round() -> None:
    """Home is implicit, the target's region becomes home, the others stay."""
    result = target(FULL)

    assert "uksouth" in resource(result, "replications")["name"]
    assert resource(result, "replications")["location"] == "uksouth"
    assert "replication_becomes_home" in codes(result)


def test_webhook_address_is_a_secure_parameter_without_a_value() -> None:
    """A deployment passes it on from getCallbackConfig; nothing else ever sees it."""
    result = target(FULL)
    parameters = result.template["parameters"]

    [home] = [webhook for webhook in result.webhooks if webhook.webhook == "home"]
    sent = resource(result, "webhooks", "home")

    assert parameters[home.service_uri] == {"type": "secureString"}
    assert parameters[home.custom_headers] == {"type": "secureObject"}
    assert sent["properties"]["serviceUri"] == f"[parameters('{home.service_uri}')]"
    assert sent["location"] == "northeurope"


def test_webhook_of_a_replica_stays_with_it_and_comes_after_it() -> None:
    """Its location is the replica's region."""
    sent = resource(target(FULL), "webhooks", "atreplica")

    assert sent["location"] == "uksouth"
    assert sent["dependsOn"][1].endswith("parameters('registryName'), 'uksouth')]")


def test_token_has_the_scope_map_of_the_target() -> None:
    """Not the source's, even where the id is written in another case; a new scope map comes first."""
    result = target(FULL)
    scope_map = "[resourceId('Microsoft.ContainerRegistry/registries/scopeMaps', parameters('registryName'), 'ci-map')]"

    assert resource(result, "tokens", "ci")["properties"]["scopeMapId"] == scope_map
    assert scope_map in resource(result, "tokens", "ci")["dependsOn"]
    assert "_repositories_pull" in resource(result, "tokens", "puller")["properties"]["scopeMapId"]
    assert len(resource(result, "tokens", "puller")["dependsOn"]) == 1


def test_what_is_left_out_is_said() -> None:
    """Manual, or without use: nothing is lost silently."""
    result = target(FULL)

    left_out = {note.resource for note in result.notes if note.code.endswith("by_hand")}
    assert left_out == {
        "connectedRegistries/edge",
        "exportPipelines/out",
        "privateEndpointConnections/pe1",
        "scopeMaps/edge-map",
        "tasks/build",
        "tokens/edge-sync",
    }
    assert {"unknown_property", "content_trust_cannot_be_enabled", "token_needs_new_credentials"} <= set(codes(result))


def test_text_that_looks_like_an_expression_is_quoted() -> None:
    """A tag in square brackets is text to Azure, too."""
    assert resource(target(FULL))["tags"]["odd"] == "[[not an expression]"


def test_nothing_of_the_source_remains_but_its_name_in_a_tag() -> None:
    """No id of the source's is left in the target."""
    sent = target(FULL, subnets=MAPPING).template
    for found in sent["resources"]:
        found.get("tags", {}).pop(SOURCE_TAG, None)

    assert SOURCE_ID.lower() not in json.dumps(sent).lower()


def test_reference_to_the_source_is_a_decision() -> None:
    """A cache of the source itself would depend on what is to be deleted."""
    source = registry(
        "contosoregistry",
        child("cacheRules", "self", sourceRepository="contosoregistry.azurecr.io/app", targetRepository="app"),
    )

    assert [(note.code, note.severity) for note in target(source).notes] == [("template_refers_to_source", "decision")]


@pytest.mark.parametrize("sku", ["Basic", "Standard"])
def test_registry_without_network_rules_gets_none(sku: str) -> None:
    """Below Premium Azure returns null for them and refuses them."""
    result = target(registry(sku=sku, properties={"networkRuleSet": None}))

    assert "networkRuleSet" not in resource(result)["properties"]
    assert resource(result)["sku"] == {"name": sku}


def test_cache_rule_with_an_identity_needs_the_preview() -> None:
    """No stable api-version has it."""
    rule = Child(
        kind="cacheRules",
        name="other",
        properties={"sourceRepository": "upstream.azurecr.io/*", "targetRepository": "up/*"},
        identity={"type": "UserAssigned", "userAssignedIdentities": {IDENTITY: {"principalId": "p"}}},
    )

    sent = resource(target(registry("contosoregistry", rule)), "cacheRules")

    assert sent["apiVersion"] == "2026-03-01-preview"
    assert sent["identity"]["userAssignedIdentities"] == {IDENTITY: {}}
