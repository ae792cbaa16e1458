"""Children of a registry: replications, webhooks, scope maps, tokens, rules, tasks, connections."""

from typing import Final

from tests.emulator.replay.comparison import Answer, Exchange
from tests.emulator.replay.furniture import ACR, CREDENTIAL, CREDENTIALS, HOME, LINKED, PLACE, REGISTRY, USER
from tests.emulator.replay.scenes import ask, poll, scene, starting
from tests.emulator.replay.stage import Stage

ONE: Final = f"{HOME}/{{registry}}"
MAP: Final = {"properties": {"description": "Builders", "actions": ["repositories/app/content/read"]}}
RULE: Final = {"properties": {
    "credentialSetResourceId": f"{ACR}/{REGISTRY}/credentialSets/known-set",
    "sourceRepository": "docker.io/library/alpine", "targetRepository": "hub/alpine"}}  # fmt: skip
TOKEN: Final = {"properties": {"scopeMapId": f"{ACR}/{REGISTRY}/scopeMaps/known-map", "status": "enabled"}}
GENERATE: Final = {"tokenId": f"{ACR}/{REGISTRY}/tokens/known-token", "expiry": "2030-01-01T00:00:00Z"}

ask("replication.create", {"location": "northeurope"}, replication="northeurope")
ask(
    "spec.replication.create.zoneRedundant",
    {
        "location": "northeurope",
        "tags": {"team": "shop"},
        "properties": {"regionEndpointEnabled": True, "zoneRedundancy": "Enabled"},
    },
    replication="northeurope",
)
ask("replication.get", replication="eastus")
ask("replication.delete", replication="eastus")
ask("spec.replication.update", {"tags": {"team": "shop"}}, replication="eastus")
ask("webhook.get", webhook="knownhook")
ask("webhook.getCallbackConfig", webhook="knownhook")
ask("webhook.listEvents", webhook="knownhook")
ask("scopeMap.get.notFound", scopeMap="no-such-map")
ask("scopeMap.update", {"properties": {"actions": ["repositories/app/content/write"]}}, scopeMap="known-map")
ask("scopeMap.delete", scopeMap="known-map")
ask("spec.scopeMap.create.async", MAP, scopeMap="fresh-map")
ask("token.create", TOKEN, token="fresh-token")
ask("token.delete", token="known-token")
ask("registry.generateCredentials.expiring", GENERATE)
ask("spec.generateCredentials.async", GENERATE)
ask("credentialSet.list")
ask(
    "credentialSet.create.userAssigned",
    CREDENTIALS | {"identity": {"type": "UserAssigned", "userAssignedIdentities": {USER: {}}}},
    credentialSet="fresh-set",
)
poll(
    "credentialSet.update.poll.done",
    starting(
        "PATCH",
        f"{ONE}/credentialSets/known-set",
        {"properties": {"authCredentials": [CREDENTIAL]}},
    ),
)
ask("cacheRule.create", RULE, cacheRule="fresh-rule")
ask("cacheRule.list")
poll(
    "cacheRule.update.poll.done",
    starting(
        "PATCH",
        f"{ONE}/cacheRules/known-rule",
        {"properties": {"credentialSetResourceId": f"{ACR}/{REGISTRY}/credentialSets/known-set"}},
    ),
)
ask("connectedRegistry.get", connected="edgesite")
ask("importPipeline.list")
ask("diagnosticSettings.get", setting="known-setting")
ask("task.list")
ask(
    "registry.scheduleRun",
    {
        "type": "TaskRunRequest",
        "isArchiveEnabled": False,
        "taskId": f"{ACR}/{REGISTRY}/tasks/docker-task",
        "overrideTaskStepProperties": {"arguments": [], "values": []},
    },
)
ask("task.delete", task="docker-task")
ask("privateEndpointConnection.list", registry=LINKED)


@scene("spec.webhook.getCallbackConfig")
async def _(stage: Stage, exchange: Exchange) -> Answer:
    headers = {"serviceUri": "https://hooks.example", "customHeaders": {"Authorization": "Basic bm8="}}
    body = {"location": PLACE, "properties": headers | {"actions": ["push"]}}
    await stage.make(f"{ONE}/webhooks/freshhook", "2025-11-01", body)
    return await stage.arm("POST", stage.fill(exchange["path"], webhook="freshhook"), exchange["api_version"])


async def _approve(stage: Stage, exchange: Exchange) -> Answer:
    connections = stage.world.resources.children(
        f"{ACR}/{LINKED}", "Microsoft.ContainerRegistry/registries/privateEndpointConnections"
    )
    stage.names |= {"registry": LINKED, "connection": connections[0].name}
    state = {"status": "Approved", "description": "Approved"}
    path = stage.fill(f"{HOME}/{LINKED}/privateEndpointConnections/{{connection}}")
    body = {"properties": connections[0].properties | {"privateLinkServiceConnectionState": state}}
    return await stage.arm("PUT", path, exchange["api_version"], body)


poll("privateEndpointConnection.poll.pending", _approve)


@scene("privateEndpointConnection.get")
async def _(stage: Stage, exchange: Exchange) -> Answer:
    await stage.at_once(lambda: _approve(stage, exchange))
    return await stage.arm("GET", stage.fill(exchange["path"]), exchange["api_version"])
