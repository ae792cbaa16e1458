"""Children, and what is attached."""

from __future__ import annotations

import base64
from typing import Final

from tests.contract.faults.planted import fault
from tests.contract.faults.scenes import KEY, SECRET, logs, own_task, token
from tests.contract.planting import OLD_SUBNET, SOURCE_ID, Planting

PURGE: Final = base64.b64encode(b"version: v1.1.0\nsteps:\n  - cmd: acr purge --filter 'a:.*' --ago 9d\n").decode()


@fault("cache_rule_collides")
async def _(p: Planting) -> None:
    await p.child("cacheRules/mirror", sourceRepository="mcr.microsoft.com/mirror", targetRepository="mirror")
    await p.push.image("mirror", "v1")


@fault("renamed_in_parts")
async def _(p: Planting) -> None:
    await p.child("cacheRules/mirror", sourceRepository="mcr.microsoft.com/*", targetRepository="mirror/*")
    await p.push.image("mirror/nginx", "v1")
    p.fields["rename"] = {"mirror/nginx": "base/nginx"}


@fault("rename_changes_access")
async def _(p: Planting) -> None:
    await p.child("scopeMaps/readers", actions=["repositories/team/*/content/read"])
    p.fields["rename"] = {"app": "team/app"}


@fault("token_needs_new_credentials")
async def _(p: Planting) -> None:
    body = {"tokenId": await token(p), "name": "password1"}
    await p.azure.arm.post(f"{SOURCE_ID}/generateCredentials", "2025-11-01", body, doing="Generating")


@fault("credential_set_needs_secret_access")
async def _(p: Planting) -> None:
    secrets = {"usernameSecretIdentifier": f"{KEY}/user", "passwordSecretIdentifier": f"{KEY}/password"}
    await p.put(
        f"{SOURCE_ID}/credentialSets/dockerhub",
        "2025-11-01",
        identity={"type": "SystemAssigned"},
        properties={"loginServer": "docker.io", "authCredentials": [{"name": "Credential1", **secrets}]},
    )


@fault("webhook_calls_from_new_region")
async def _(p: Planting) -> None:
    await p.child("webhooks/hook1", "westeurope", serviceUri="https://hooks.example/", actions=["push"])


@fault("replication_becomes_home", "old_home_has_no_replica")
async def _(p: Planting) -> None:
    await p.child("replications/northeurope", "northeurope")


@fault("old_home_has_no_replica")
async def _(p: Planting) -> None:
    await p.child("replications/francecentral", "francecentral")


@fault("by_hand")
async def _(p: Planting) -> None:
    values = [{"name": "KEY", "value": "secret", "isSecret": True}]
    await p.child("tasks/build", "westeurope", step=SECRET | {"values": values})


@fault("task_identity_changes")
async def _(p: Planting) -> None:
    await own_task(p)


@fault("task_purges")
async def _(p: Planting) -> None:
    await p.child("tasks/purge", "westeurope", step={"type": "EncodedTask", "encodedTaskContent": PURGE})


@fault("continuous_patching")
async def _(p: Planting) -> None:
    step = {"type": "EncodedTask", "encodedTaskContent": "dmVyc2lvbjogdjEuMS4wCg=="}
    await p.child("tasks/cssc-trigger-workflow", "westeurope", step=step)


@fault("cache_rule_signs_in_as_itself")
async def _(p: Planting) -> None:
    rule = {"sourceRepository": "docker.io/library/busybox", "targetRepository": "cache/busybox"}
    await p.child("cacheRules/busybox", **rule)
    p.force(f"{SOURCE_ID}/cacheRules/busybox", identity={"type": "UserAssigned", "userAssignedIdentities": {"/i": {}}})


@fault("agent_pool_in_old_network")
async def _(p: Planting) -> None:
    await p.child("agentPools/pool1", "westeurope", count=1, virtualNetworkSubnetResourceId=OLD_SUBNET)


@fault("by_hand")
async def _(p: Planting) -> None:
    p.force(f"{SOURCE_ID}/connectedRegistries/edge", properties={"mode": "ReadOnly"})


@fault("diagnostic_sink_in_another_region")
async def _(p: Planting) -> None:
    await logs(p, "westeurope")


@fault("diagnostic_sink_missing")
async def _(p: Planting) -> None:
    storage = await logs(p, "northeurope")
    await p.azure.arm.delete(storage, "2023-05-01", doing="Losing the logs")


@fault("event_subscription_lost")
async def _(p: Planting) -> None:
    path = f"{SOURCE_ID}/providers/Microsoft.EventGrid/eventSubscriptions/on-push"
    await p.put(path, "2022-06-15", properties={"destination": {"endpointType": "StorageQueue"}})
