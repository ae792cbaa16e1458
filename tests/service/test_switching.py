"""Dependents switched at the end of a cut-over, and back: nothing names the source, then all is as before."""

import base64
import re
from collections.abc import Iterator
from typing import Any

import pytest

from acr_relocate.azure.client.session import connection
from acr_relocate.core.access.required_actions import RIGHTS_NEEDED
from acr_relocate.core.errors import NotRelocated
from acr_relocate.core.registry.resource_ids import ResourceId
from acr_relocate.core.registry.resource_types import STABLE, TASKS
from acr_relocate.core.request.dependents_to_switch import DependentsToSwitch
from acr_relocate.core.request.relocation import RelocationRequest
from acr_relocate.core.switching.container_apps import CONTAINER_APPS_API
from acr_relocate.core.switching.sites import SITES_API
from deployments.standing import read_standing
from flows.cut_over import cut_over_dependents
from flows.discard_target import discard_relocation
from flows.plan import plan_relocation
from flows.relocate import relocate_registry
from flows.switch import switch_back
from local_azure.launcher import Emulator, running
from tasks.switching import recorded_switches
from tests.service.conftest import SUBSCRIPTION, Move, make_move
from tests.service.test_discard import discard
from tests.support.role_holders import OPERATOR, become, hire

pytestmark = pytest.mark.usefixtures("short_looks")

APPS = {"Microsoft.App/containerApps", "Microsoft.App/jobs"}
SITES = {"Microsoft.Web/sites", "Microsoft.Web/sites/slots"}
WORKSPACES, CLUSTERS = "Microsoft.MachineLearningServices/workspaces", "Microsoft.ContainerService/managedClusters"
RUN_BY_APPS = ("contoso/shop/frontend", "contoso/data/reporting", "contoso/identity/login", "contoso/data/ingest")
WITH_A_PASSWORD = "contoso-resize"
IMAGES = (
    "kubectl get deployments --all-namespaces --no-headers -o custom-columns='NAME:.metadata.name,"
    "IMAGES:.spec.template.spec.containers[*].image,OWNER:.metadata.labels.app\\.kubernetes\\.io/managed-by'"
)
LATE = """kubectl apply -f - <<'EOF'
{{"kind": "Deployment", "metadata": {{"name": "late", "namespace": "shop"}},
"spec": {{"template": {{"spec": {{"containers": [{{"name": "main", "image": "{image}"}}]}}}}}}}}
EOF"""
"""A workload that is deployed after the switch of its cluster."""
USERS_LEFT = ["contoso-aks", "contoso-resize", "contoso-smoke-test", "ingest"]
"""A cluster by its logs of last week, a function with a password, and what has to be made again."""
ACR = "Microsoft.ContainerRegistry/registries"
EDGE = f"/subscriptions/{SUBSCRIPTION}/resourceGroups/contoso-apps/providers/{ACR}/edge1"
"""Another registry, with a rule and a task that name the source."""
NO_FLUX = {f"microsoft.kubernetesconfiguration/fluxconfigurations/{verb}" for verb in ("read", "write")}
NO_SIDECARS = {f"{one.lower()}/sitecontainers/write" for one in SITES}
NO_KILL = {"microsoft.insights/eventtypes/values/read"}
NEVER = NO_FLUX | NO_SIDECARS | NO_KILL


@pytest.fixture(scope="module", name="field")
def _field() -> Iterator[Emulator]:
    """An Azure of their own, because the operator keeps the roles."""
    with running("demo") as emulator:
        yield emulator


@pytest.fixture(name="move")
def _move(field: Emulator, monkeypatch: pytest.MonkeyPatch) -> Move:
    """The content that the apps run, relocated later with a switch."""
    for name, value in field.env.items():
        monkeypatch.setenv(name, value)
    return make_move(field, RUN_BY_APPS, switch={"enabled": True, "swap_slot": "staging"})


async def apps(emulator: Emulator) -> dict[str, Any]:
    """Each app, job and site as Azure shows it, but for the names of revisions, which never come again."""
    found: dict[str, Any] = {}
    async with connection() as azure:
        for one in emulator.resources():
            if one["type"] in SITES and one["name"] != WITH_A_PASSWORD:
                parts = {name: f"{one['id']}/{name}" for name in ("config/web", "sitecontainers")}
                shown = {
                    name: (await azure.arm.call("GET", path, SITES_API, doing="Looking")).body
                    for name, path in parts.items()
                }
                listed = await azure.arm.post(f"{one['id']}/config/appsettings/list", SITES_API, doing="Looking")
                found[one["id"].partition("/sites/")[2]] = shown | {"settings": listed["properties"]}
            if one["type"] == CLUSTERS:
                lines = (await in_cluster(emulator, IMAGES)).splitlines()
                found["frontend in the cluster"] = [line for line in lines if line.startswith("frontend")]
            if one["id"].startswith((f"{EDGE}/cacheRules/", f"{EDGE}/tasks/")):
                shown = await azure.arm.get(one["id"], TASKS, doing="Looking")
                found[one["name"]] = {name: shown["properties"].get(name) for name in ("sourceRepository", "step")}
            if one["type"] == WORKSPACES:
                found[one["name"]] = await azure.arm.get(one["id"], "2024-10-01", doing="Looking")
            if one["type"] in APPS:
                shown = await azure.arm.get(one["id"], CONTAINER_APPS_API, doing="Looking")
                own = {name: value for name, value in shown["properties"].items() if "RevisionName" not in name}
                found[one["name"]] = shown | {"properties": own}
    return found


async def plant_another_registry(source: str) -> None:
    """It fills a repository from the source when somebody pulls, and builds on an image of it."""
    text = f"steps:\n- build: --build-arg BASE={source}/contoso/base:1 .\n".encode()
    step = {"type": "EncodedTask", "encodedTaskContent": base64.b64encode(text).decode()}
    rule = {"sourceRepository": f"{source}/contoso/*", "targetRepository": "contoso/*"}
    own = {"location": "westeurope", "sku": {"name": "Premium"}}
    async with connection() as azure:
        await azure.arm.put(EDGE, STABLE, own, doing="Making a registry")
        await azure.arm.put(f"{EDGE}/cacheRules/contoso", STABLE, {"properties": rule}, doing="Making a rule")
        task = {"location": "westeurope", "properties": {"platform": {"os": "Linux"}, "step": step}}
        await azure.arm.put(f"{EDGE}/tasks/nightly", TASKS, task, doing="Making a task")


async def in_cluster(emulator: Emulator, command: str) -> str:
    """Run the command in the demo's cluster and return its output."""
    [cluster] = [one for one in emulator.resources() if one["type"] == CLUSTERS]
    async with connection() as azure:
        path = f"{cluster['id']}/runCommand"
        answer = await azure.arm.post(path, "2025-05-01", {"command": command}, doing="Running")
    return str(answer["properties"]["logs"])


async def hire_for_a_switch(request: RelocationRequest) -> None:
    """The operator may plan, compare, and switch what is in the group of the apps."""
    here = f"/subscriptions/{SUBSCRIPTION}"
    source_group, target_group = (ResourceId(one).group_id for one in (request.source.resource_id, request.target_id))
    async with connection() as azure:
        await hire(azure, "plan", here)
        await hire(azure, "relocate", target_group)
        await hire(azure, "relocate-source", request.source.resource_id)
        await hire(azure, "cut-over", target_group, request.source.resource_id, source_group)
        groups = (f"{here}/resourceGroups/{name}" for name in ("contoso-apps", "contoso-data"))
        await hire(azure, "switch", *groups, source_group)


def without_switch(request: RelocationRequest) -> RelocationRequest:
    return request.model_copy(update={"switch": DependentsToSwitch()})


async def test_nothing_names_the_source_until_it_is_switched_back(move: Move, monkeypatch: pytest.MonkeyPatch) -> None:
    """One fails and has its former value, the other is switched; a second run completes it, a third does nothing.

    All of it by somebody who has the custom roles for it and no others.
    """
    emulator, request = move.emulator, move.request
    source, target = f"{request.source.name}.azurecr.io", f"{request.target.name}.azurecr.io"
    await relocate_registry(without_switch(request))
    await plant_another_registry(source)
    before = await apps(emulator)
    await hire_for_a_switch(request)
    become(OPERATOR, monkeypatch)
    emulator.reset_stats()
    plan = await plan_relocation(request)
    emulator.arm_fault("revision-fails", app="contoso-storefront")

    with pytest.raises(NotRelocated):
        await cut_over_dependents(request)
    one_failed = await apps(emulator)
    report = await cut_over_dependents(request)
    switched = await apps(emulator)
    standing = await read_standing(request, None)
    asked = {action.lower() for action in emulator.stats()["needs"]}
    emulator.reset_stats()
    await in_cluster(emulator, LATE.format(image=f"{source}/contoso/shop/frontend:1.4"))
    await cut_over_dependents(request)
    late = [line for line in (await in_cluster(emulator, IMAGES)).splitlines() if line.startswith("late")]
    again = [
        write
        for write in emulator.stats()["writes"]
        if re.search(r"Microsoft\.(App|Web|Machine\w+)/(?!.*/list )|/edge1/", write)
    ]
    back = await switch_back(request)
    late += [line for line in (await in_cluster(emulator, IMAGES)).splitlines() if line.startswith("late")]

    [step] = [step for step in plan.steps if step.title == "Switch dependents"]
    said = " ".join(call.what for call in step.calls)
    assert f"{source}/contoso/shop/frontend:1.4 -> {target}/contoso/shop/frontend:1.4" in said
    assert one_failed["contoso-storefront"] == before["contoso-storefront"]
    assert source not in str(one_failed["contoso-nightly-report"])
    assert report.verdict == "relocated"
    assert source in str(before["contoso"])
    assert source not in str(switched)
    assert target in str(switched["contoso-storefront"])
    assert switched["contoso"]["sourceRepository"] == f"{target}/contoso/*"
    assert target in base64.b64decode(switched["nightly"]["step"]["encodedTaskContent"]).decode()
    assert f"DOCKER|{target}/contoso/data/ingest:1.2" in str(switched["contoso-invoices"])
    [left] = [one for one in report.cut_over if one.subject == WITH_A_PASSWORD]
    assert "user name and a password" in left.reason
    [cluster] = [one for one in report.cut_over if one.subject == "contoso-aks"]
    assert "Deployment/platform/gateway (Helm would set it back)" in cluster.reason
    assert sorted(standing.users) == USERS_LEFT
    assert standing.switched == 8
    assert again == []
    assert [target in line for line in late] == [True, False]
    assert {right.action.lower() for right in RIGHTS_NEEDED if right.duty == "switch"} - asked == NEVER
    assert back.verdict == "switched_back"
    assert [one.kind for one in back.cut_over] == ["removed"] * 8
    assert await apps(emulator) == before


async def test_a_discard_switches_back_first(move: Move) -> None:
    """Also one that a killed run had begun, which the next cut-over finishes.

    No app is left to pull from a registry that is gone; what somebody has deployed from the target since is in the way.
    """
    emulator, request = move.emulator, move.request
    before = await apps(emulator)
    await relocate_registry(request)
    app = next(one for one in emulator.resources() if one["name"] == "contoso-storefront")
    await killed_before_the_proof(app["id"], before["contoso-storefront"])
    await cut_over_dependents(request)
    assert f"{request.source.name}." not in str(await apps(emulator))
    newer = {"template": {"containers": [{"name": "main", "image": f"{request.target.name}.azurecr.io/contoso/new:1"}]}}
    switched = {"template": app["properties"]["template"]}
    await deploy(app["id"], newer)
    with pytest.raises(NotRelocated, match="consumer_uses_target: Container App contoso-storefront uses the target"):
        await discard_relocation(request)

    await deploy(app["id"], switched)
    report = await discard(move)

    assert report.verdict == "discarded"
    assert await apps(emulator) == before
    assert await recorded_switches(request) == ()


async def killed_before_the_proof(app_id: str, before: dict[str, Any]) -> None:
    """A run was killed when the app had the target's images, and both registries among its own."""
    entries = before["properties"]["configuration"]["registries"]
    async with connection() as azure:
        shown = await azure.arm.get(app_id, CONTAINER_APPS_API, doing="Looking")
    both = entries + shown["properties"]["configuration"]["registries"]
    await deploy(app_id, {"configuration": {"registries": both}})


async def deploy(app_id: str, properties: dict[str, Any]) -> None:
    """Somebody deploys the app."""
    async with connection() as azure:
        await azure.arm.patch(app_id, CONTAINER_APPS_API, {"properties": properties}, doing="Deploying")
