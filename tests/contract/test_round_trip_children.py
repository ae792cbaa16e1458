"""Each kind of child there and back: at each api-version nothing differs but what was announced."""

import json
from typing import Any

import pytest

from acr_relocate.azure.resources import registries
from acr_relocate.core.verification import compare_settings
from tests.contract.comparing import differences, found
from tests.contract.moving import NORTH, WEST, WORKSPACE, ZONE, Mover, hub_rule, identity, storage, subnet

Json = dict[str, Any]

HOOK = {"serviceUri": "https://hooks.example/x?code=s3cret", "customHeaders": {"X-Key": "s3cret"}}
PULL = {"actions": ["repositories/app/content/read", "repositories/team/*/metadata/read"], "description": "[pull] app"}
TIMER = {"timerTriggers": [{"name": "weekly", "schedule": "0 3 * * 0", "status": "Enabled"}]}
ENCODED = {"type": "EncodedTask", "encodedTaskContent": "dmVyc2lvbjogdjEuMS4wCg=="}
TASK = {"platform": {"os": "Linux", "architecture": "amd64"}, "agentConfiguration": {"cpu": 2}, "step": ENCODED}
LOGIN = {"name": "Credential1", "usernameSecretIdentifier": "https://kv.vault.azure.net/secrets/u"}

CHILDREN: dict[str, tuple[list[tuple[str, Json]], set[str]]] = {
    "scope map": ([("scopeMaps/pullers", {"properties": PULL})], set()),
    "token": (
        [
            ("scopeMaps/pullers", {"properties": PULL}),
            ("tokens/edge-1", {"properties": {"scopeMapId": "{id}/scopeMaps/pullers", "status": "disabled"}}),
        ],
        set(),
    ),
    "token of a system scope map": (
        [("tokens/all-pull", {"properties": {"scopeMapId": "{id}/scopeMaps/_repositories_pull", "status": "enabled"}})],
        set(),
    ),
    "webhook": (
        [
            (
                "webhooks/deploy",
                {
                    "location": "westeurope",
                    "tags": {"a": "b"},
                    "properties": HOOK | {"actions": ["push", "delete"], "scope": "app:*", "status": "disabled"},
                },
            )
        ],
        set(),
    ),
    "replication": (
        [
            (
                "replications/uksouth",
                {
                    "location": "uksouth",
                    "tags": {"a": "b"},
                    "properties": {"regionEndpointEnabled": False, "zoneRedundancy": "Disabled"},
                },
            ),
            ("webhooks/atreplica", {"location": "uksouth", "properties": HOOK | {"actions": ["push"]}}),
        ],
        set(),
    ),
    "cache rule": (
        [
            (
                "credentialSets/hub-login",
                {
                    "identity": {"type": "SystemAssigned"},
                    "properties": {
                        "loginServer": "docker.io",
                        "authCredentials": [LOGIN | {"passwordSecretIdentifier": "https://kv.vault.azure.net/secrets/p"}],
                    },
                },
            ),
            (
                "cacheRules/hub-rule",
                {
                    "properties": {
                        "sourceRepository": "docker.io/library/busybox",
                        "targetRepository": "hub/busybox",
                        "credentialSetResourceId": "{id}/credentialSets/hub-login",
                    }
                },
            ),
        ],
        set(),
    ),
    "cache rule with an identity": (
        [
            (
                "cacheRules/upstream",
                {
                    "identity": {"type": "UserAssigned", "userAssignedIdentities": {identity(WEST): {}}},
                    "properties": {"sourceRepository": "other.azurecr.io/app", "targetRepository": "cached/app"},
                },
            )
        ],
        set(),
    ),
    "agent pool": (
        [
            (
                "agentPools/builders",
                {
                    "location": "westeurope",
                    "properties": {
                        "count": 2, "tier": "S2", "os": "Linux",
                        "virtualNetworkSubnetResourceId": subnet(WEST, "agents"),
                    },
                },
            ),
            ("tasks/pooled", {"location": "westeurope", "properties": TASK | {"agentPoolName": "builders"}}),
        ],
        set(),
    ),
    "task": (
        [
            (
                "tasks/on-demand",
                {
                    "location": "westeurope",
                    "tags": {"a": "b"},
                    "identity": {"type": "SystemAssigned"},
                    "properties": TASK
                    | {
                        "timeout": 900,
                        "logTemplate": "app/logs:{{.Run.ID}}",
                        "credentials": {"sourceRegistry": {"loginMode": "None"}},
                    },
                },
            )
        ],
        set(),
    ),
    "task with a trigger": (
        [("tasks/purge-weekly", {"location": "westeurope", "properties": TASK | {"trigger": TIMER}})],
        {"properties.status"},
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", CHILDREN)
async def test_a_child_arrives(name: str, mover: Mover) -> None:
    """At each api-version the child is as it was; a task that runs by itself waits, and the plan says so."""
    children, announced = CHILDREN[name]
    agents = {subnet(WEST, "agents"): subnet(NORTH, "agents")}

    moved = await mover.move(*children, request={"subnets": agents, "replacements": {identity(WEST): identity(NORTH)}})

    for path, _ in children:
        assert await found(moved, path) == announced, path
        assert bool(announced) == (path.rpartition("/")[2] in json.dumps(moved.target.deferred))
    assert "s3cret" not in moved.target.model_dump_json()
    assert set(moved.foretold.values()) == {"Create"}


async def test_a_token_arrives_without_its_passwords(mover: Mover) -> None:
    """Azure gives them out once: the plan says how to make new ones."""
    system = {"properties": {"scopeMapId": "{id}/scopeMaps/_repositories_pull"}}
    source_id, request = await mover.source(("tokens/puller", system))
    body = {"tokenId": f"{source_id}/tokens/puller", "name": "password1"}
    await mover.azure.arm.post(f"{source_id}/generateCredentials", "2025-11-01", body, doing="Making a password")

    moved = await mover.carry_out(request)

    assert await found(moved, "tokens/puller") == {"properties.credentials.passwords"}
    [note] = [note for note in moved.target.notes if note.code == "token_needs_new_credentials"]
    assert f"--registry {request.target.name} --name puller" in note.remedy


async def test_a_webhook_calls_where_the_sources_does(mover: Mover) -> None:
    """Address and headers pass through the deployment, and stay in no record of it."""
    moved = await mover.move(
        ("webhooks/deploy", {"location": "westeurope", "properties": HOOK | {"actions": ["push"]}})
    )

    callback = await registries.webhook_callback(moved.azure, moved.made.id, "deploy")
    assert {"serviceUri": callback.service_uri, "customHeaders": callback.custom_headers} == HOOK


async def test_diagnostic_settings_arrive_where_their_sinks_can_be_used(mover: Mover) -> None:
    """A workspace anywhere, storage of the target's region; an event hub of the old one is a decision."""
    setting = "providers/Microsoft.Insights/diagnosticSettings/logs"
    logs = [{"category": "ContainerRegistryLoginEvents", "enabled": True}]
    sinks = {
        "workspaceId": WORKSPACE, "storageAccountId": storage(WEST),
        "eventHubAuthorizationRuleId": hub_rule(WEST), "eventHubName": "acr",
    }  # fmt: skip

    source_id, request = await mover.source(request={"replacements": {storage(WEST): storage(NORTH)}})
    await mover.put(f"{source_id}/{setting}", "2021-05-01-preview", {"properties": sinks | {"logs": logs}})
    moved = await mover.carry_out(request)

    here, there = await moved.pair(setting, "2021-05-01-preview")
    assert differences(here, there, request) == {"properties.eventHubAuthorizationRuleId", "properties.eventHubName"}
    said = [note.remedy for note in moved.target.notes if note.code == "diagnostic_sink_of_old_region"]
    assert said == [f"# In the request:\nreplacements:\n  {hub_rule(WEST)}: RESOURCE-ID-IN-northeurope"]


async def test_private_endpoints_arrive_in_the_mapped_subnet(mover: Mover) -> None:
    """A second endpoint, to the target, with its names in the same zone; the first one goes on working."""
    source_id, request = await mover.source(
        ("replications/uksouth", {"location": "uksouth", "properties": {}}),
        request={"subnets": {subnet(WEST, "endpoints"): subnet(NORTH, "endpoints")}},
    )
    endpoint = await mover.private_endpoint(source_id)
    moved = await mover.carry_out(request)

    new_id = endpoint.replace(WEST, NORTH) + f"-{request.target.name}"
    here, there = [await mover.azure.arm.get(one, "2024-05-01", doing="Reading back") for one in (endpoint, new_id)]
    assert there["location"] == "northeurope"
    assert there["properties"]["subnet"]["id"] == subnet(NORTH, "endpoints")
    [connection] = there["properties"]["privateLinkServiceConnections"]
    assert connection["properties"]["privateLinkServiceId"] == request.target_id
    assert connection["properties"]["privateLinkServiceConnectionState"]["status"] == "Approved"
    assert here["properties"]["privateLinkServiceConnections"][0]["properties"]["privateLinkServiceId"] == source_id
    records = await mover.azure.arm.list(f"{ZONE}/A", "2024-06-01", doing="Reading DNS")
    assert {f"{request.target.name}", f"{request.target.name}.uksouth.data"} <= {record["name"] for record in records}
    assert compare_settings(moved.source, moved.made, request, moved.target.deferred) == ()


async def test_a_private_endpoint_without_a_subnet_is_a_decision(mover: Mover) -> None:
    """Nothing is guessed: the finding has the line to put into the request."""
    source_id, request = await mover.source()
    await mover.private_endpoint(source_id)
    moved = await mover.carry_out(request)

    [note] = [note for note in moved.target.notes if note.code == "private_endpoint_without_subnet"]
    assert note.remedy.startswith(f"# In the request:\nsubnets:\n  {subnet(WEST, 'endpoints')}:")
    assert not moved.made.children_of("privateEndpointConnections")


WITHHELD: dict[str, tuple[Json, str]] = {
    "secret argument": (
        {"step": {"type": "Docker", "dockerFilePath": "Dockerfile", "arguments": [
            {"name": "NPM_TOKEN", "value": "s3cret", "isSecret": True}, {"name": "MODE", "value": "fast"}]}},
        "secret arguments NPM_TOKEN",
    ),
    "context": (
        {"step": {"type": "FileTask", "taskFilePath": "acb.yaml", "contextPath": "https://github.com/contoso/app.git"}},
        "access token of its context https://github.com/contoso/app.git",
    ),
    "source trigger": (
        {"step": ENCODED, "trigger": {"sourceTriggers": [{
            "name": "pushed", "sourceTriggerEvents": ["commit"], "sourceRepository": {
                "sourceControlType": "Github", "repositoryUrl": "https://github.com/contoso/app",
                "sourceControlAuthProperties": {"tokenType": "PAT", "token": "s3cret"}}}]}},
        "access token for https://github.com/contoso/app",
    ),
    "login elsewhere": (
        {"step": ENCODED, "credentials": {"customRegistries": {"docker.io": {
            "userName": {"type": "Opaque", "value": "someone"}, "password": {"type": "Opaque", "value": "s3cret"}}}}},
        "credentials for docker.io",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", WITHHELD)
async def test_a_task_with_something_withheld_is_left_to_a_person(name: str, mover: Mover) -> None:
    """The plan says exactly what is missing, and the secret is nowhere."""
    properties, missing = WITHHELD[name]

    moved = await mover.move(
        ("tasks/builder", {"location": "westeurope", "properties": {"platform": {"os": "Linux"}} | properties})
    )

    assert not moved.made.children_of("tasks")
    [note] = [note for note in moved.target.notes if note.code == "by_hand"]
    assert missing in note.message
    assert "s3cret" not in moved.target.model_dump_json() + moved.source.model_dump_json()
