"""Recordings of whole sessions: runs, tasks, policies, alerts, roles, event subscriptions, outputs and secrets."""

import json
import re
from typing import Final

from tests.emulator.replay.comparison import GUID
from tests.emulator.replay.furniture import ACR, HOME, LINKED, PLACE, REGISTRY, RG
from tests.emulator.replay.stage import CHANGED_FIELDS, Stage, ask, body_of

ONE: Final = f"{HOME}/{REGISTRY}"
VAULT: Final = "https://vault.azure.net"
SECRET: Final = "https://known-vault.vault.azure.net/secrets/one"


async def test_a_run_ends_with_what_it_pushes(asked: Stage) -> None:
    """Its times and its image come with the end; keeping its logs changes nothing else, and says who did."""
    asked_for = {"type": "TaskRunRequest", "taskId": asked.fill(f"{ONE}/tasks/docker-task")}
    run = body_of(await asked.arm("POST", asked.fill(f"{ONE}/scheduleRun"), "2019-06-01-preview", asked_for))
    waiting = body_of(await asked.arm("GET", run["id"], "2019-06-01-preview"))["properties"]
    await asked.at_once(asked.settled)

    ended = body_of(await asked.arm("GET", run["id"], "2019-06-01-preview"))["properties"]
    kept = body_of(await asked.arm("PATCH", run["id"], "2019-06-01-preview", {"isArchiveEnabled": True}))

    assert (waiting["status"], "startTime" in waiting) == ("Queued", False)
    assert ended["status"] == "Succeeded"
    assert {"startTime", "finishTime"} <= ended.keys()
    [image] = ended["outputImages"]
    manifest = await asked.data("GET", f"/v2/{image['repository']}/manifests/{image['tag']}")
    assert manifest.headers["docker-content-digest"] == image["digest"]
    assert (kept["properties"]["isArchiveEnabled"], kept["systemData"].keys()) == (True, CHANGED_FIELDS)


async def test_a_task_run_has_its_run_inside(asked: Stage) -> None:
    """It is made by a deployment or a PUT, listed, and deleted at once."""
    request = {"type": "DockerBuildRequest", "imageNames": ["built:v1"], "isPushEnabled": True}
    path, version = asked.fill(f"{ONE}/taskRuns/sample"), "2019-06-01-preview"

    made = await asked.arm("PUT", path, version, {"location": PLACE, "properties": {"runRequest": request}})
    listed = body_of(await asked.arm("GET", path.rpartition("/")[0], version))["value"]
    deleted = await asked.arm("DELETE", path, version)

    assert made.status == 201
    assert [one["properties"]["runResult"]["properties"]["status"] for one in listed] == ["Succeeded"]
    assert (deleted.status, deleted.body) == (200, b"")


async def test_a_password_of_a_task_is_null_but_in_its_details(asked: Stage) -> None:
    """As recorded: the task shows that it signs in, and not how."""
    path, version = asked.fill(f"{ONE}/tasks/docker-task"), "2019-06-01-preview"
    login = {"userName": {"type": "Opaque", "value": "user"}, "password": {"type": "Opaque", "value": "word"}}
    change = {"properties": {"credentials": {"customRegistries": {"other.azurecr.io": login}}}}

    changed = body_of(await asked.arm("PATCH", path, version, change))
    details = body_of(await asked.arm("POST", f"{path}/listDetails", version))

    assert changed["properties"]["credentials"] == {"customRegistries": {"other.azurecr.io": None}}
    assert details["properties"]["credentials"] == {"customRegistries": {"other.azurecr.io": login}}


async def test_retention_and_soft_delete_may_be_on_together(asked: Stage) -> None:
    """As recorded at 2023-11-01-preview, against what the documentation says."""
    policies = {"retentionPolicy": {"days": 30, "status": "enabled"}}
    policies["softDeletePolicy"] = {"retentionDays": 30, "status": "enabled"}
    plain = f"{HOME}/{LINKED}"

    changed = await asked.arm("PATCH", asked.fill(plain), "2023-11-01-preview", {"properties": {"policies": policies}})

    assert changed.status == 200
    assert {body_of(changed)["properties"]["policies"][name]["status"] for name in policies} == {"enabled"}


async def test_an_import_is_accepted_without_a_body(asked: Stage) -> None:
    """Since 2023-11-01-preview; with `null` before."""
    body = {"source": {"resourceId": f"{ACR}/{REGISTRY}", "sourceImage": "app:v1"}, "targetTags": ["copy:v1"]}
    path = asked.fill(f"{HOME}/{LINKED}/importImage")

    accepted = [
        await asked.arm("POST", path, version, body) for version in ("2023-07-01", "2023-11-01-preview", "2025-11-01")
    ]

    assert [(one.status, one.body) for one in accepted] == [(202, b"null"), (202, b""), (202, b"")]


async def test_operations_of_an_agent_pool_have_no_prefix(asked: Stage) -> None:
    """Nor has any other part of the provider that builds."""
    body = {"location": "eastus", "properties": {"count": 1, "tier": "S1", "os": "Linux"}}
    registry = {"location": "eastus", "sku": {"name": "Premium"}}
    home = f"{HOME}/poolregistry"
    await asked.make(home, "2025-11-01", registry)

    made = await asked.arm("PUT", asked.fill(f"{home}/agentPools/pool"), "2019-06-01-preview", body)

    last = made.headers["azure-asyncoperation"].partition("?")[0].rpartition("/")[2]
    assert re.fullmatch(GUID, last)


async def test_an_alert_of_a_newer_version_leaves_out_what_is_not_set(asked: Stage) -> None:
    """Older ones say null."""
    path = f"{RG}/providers/Microsoft.Insights/activityLogAlerts/known-alert"

    new, old = [body_of(await ask(asked, "GET", path, version)) for version in ("2020-10-01", "2017-04-01")]

    assert "null" not in json.dumps(new)
    assert {"identity", "kind", "tags"} <= old.keys()


async def test_a_changed_role_assignment_is_a_201_too(asked: Stage) -> None:
    """As a new one is."""
    path = f"{ACR}/{REGISTRY}/providers/Microsoft.Authorization/roleAssignments/aaaaaaaa-0000-0000-0000-000000000001"
    known = body_of(await ask(asked, "GET", path, "2022-04-01"))["properties"]
    wanted = {name: known[name] for name in ("roleDefinitionId", "principalId", "principalType")}

    changed = await ask(asked, "PUT", path, "2022-04-01", {"properties": wanted | {"description": "new words"}})

    assert (changed.status, body_of(changed)["properties"]["description"]) == (201, "new words")


async def test_a_patch_of_an_event_subscription_is_flat(asked: Stage) -> None:
    """Its changes are not beneath `properties`."""
    path = f"{ACR}/{REGISTRY}/providers/Microsoft.EventGrid/eventSubscriptions/known-subscription"

    await ask(asked, "PATCH", path, "2022-06-15", {"labels": ["one"]})
    await asked.at_once(asked.settled)

    shown = body_of(await ask(asked, "GET", path, "2022-06-15"))
    assert ("labels" in shown, shown["properties"]["labels"]) == (False, ["one"])


async def test_names_of_outputs_begin_small(asked: Stage) -> None:
    """However the template spells them; and the regions of its resources are those that its parameters give."""
    identity = {"type": "Microsoft.ManagedIdentity/userAssignedIdentities", "apiVersion": "2023-01-31", "name": "one"}
    template = {
        "$schema": "https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#",
        "contentVersion": "1.0.0.0",
        "parameters": {"place": {"type": "string"}},
        "resources": [identity | {"location": "[parameters('place')]"}],
        "outputs": {"Nothing": {"type": "string", "value": ""}},
    }
    properties = {"mode": "Incremental", "template": template, "parameters": {"place": {"value": "westus"}}}
    path = f"{RG}/providers/Microsoft.Resources/deployments/spelt"

    made = body_of(await asked.make(path, "2022-09-01", {"properties": properties}))["properties"]
    shown = body_of(await ask(asked, "GET", path, "2022-09-01"))["properties"]

    assert made["providers"][0]["resourceTypes"][0]["locations"] == ["westus"]
    assert shown["outputs"] == {"nothing": {"type": "String", "value": ""}}


async def test_a_secret_can_be_disabled(asked: Stage) -> None:
    """Its value stays, and is not told."""
    made = await asked.ask("PUT", SECRET, "7.4", {"value": "word"}, audience=VAULT)

    changed = await asked.ask("PATCH", SECRET, "7.4", {"attributes": {"enabled": False}}, audience=VAULT)

    assert (changed.status, "value" in body_of(changed)) == (200, False)
    assert (body_of(changed)["attributes"]["enabled"], body_of(changed)["id"]) == (False, body_of(made)["id"])
