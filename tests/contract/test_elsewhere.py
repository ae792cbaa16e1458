"""Users of a registry outside the usual places of its subscription, planted alone and found once."""

import base64
import uuid
from typing import Any, Final

import pytest

from acr_relocate.azure.changes.source_deletion import read_uses
from acr_relocate.azure.client.session import AzureConnection
from acr_relocate.azure.discovery import dependents
from acr_relocate.azure.resources import deployments
from acr_relocate.azure.resources.registries import read_registry
from acr_relocate.core.dependencies import Dependency, build_map
from acr_relocate.core.evidence.unknown import Unknown
from acr_relocate.core.registry.inventory import Registry
from acr_relocate.core.request.registry_refs import RegistryRef, TargetRef
from acr_relocate.core.request.relocation import RelocationRequest
from local_azure.launcher import Emulator
from local_azure.state.roles import BY_NAME
from tests.contract.registry_factory import GROUP, SUBSCRIPTION, RegistryFactory

HERE: Final = f"/subscriptions/{SUBSCRIPTION}"
PROVIDERS: Final = f"{HERE}/resourceGroups/{GROUP}/providers"
WEB: Final = "2024-04-01"


async def put(
    azure: AzureConnection, path: str, version: str, properties: dict[str, Any], **body: Any
) -> dict[str, Any]:
    whole = {"location": "westeurope", "properties": properties} | body
    return await azure.arm.put(path, version, whole, doing="Planting")


async def slot(factory: RegistryFactory, host: str) -> None:
    """A slot beside an app that runs something else."""
    path, kind = f"{PROVIDERS}/Microsoft.Web/sites/portal", "app,linux,container"
    await put(factory.azure, path, WEB, {"siteConfig": {"linuxFxVersion": "DOCKER|mcr.microsoft.com/a:1"}}, kind=kind)
    text = base64.b64encode(f"services:\n  web:\n    image: {host}/login:1\n".encode()).decode()
    next_one = {"siteConfig": {"linuxFxVersion": f"COMPOSE|{text}"}}
    await put(factory.azure, f"{path}/slots/next", WEB, next_one, kind=kind)


async def sidecar(factory: RegistryFactory, host: str) -> None:
    """A sidecar beside code."""
    path = f"{PROVIDERS}/Microsoft.Web/sites/docs"
    await put(factory.azure, path, WEB, {"siteConfig": {"linuxFxVersion": "PYTHON|3.13"}}, kind="app,linux")
    await put(factory.azure, f"{path}/sitecontainers/proxy", WEB, {"image": f"{host}/proxy:1", "isMain": False})


async def cache_rule(factory: RegistryFactory, host: str) -> None:
    """A cache rule of another registry."""
    other = await factory.registry()
    rule = {"sourceRepository": f"{host}/base/*", "targetRepository": "base/*"}
    await factory.azure.arm.put(
        f"{other.resource_id}/cacheRules/base-images", "2025-11-01", {"properties": rule}, doing="Planting"
    )


async def task(factory: RegistryFactory, host: str) -> None:
    """A task of another registry, whose steps are encoded."""
    other = await factory.registry()
    step = {"type": "EncodedTask", "encodedTaskContent": base64.b64encode(f"steps:\n- cmd: {host}/t".encode()).decode()}
    properties = {"platform": {"os": "Linux"}, "step": step}
    await put(factory.azure, f"{other.resource_id}/tasks/nightly", "2019-06-01-preview", properties)


async def flux(factory: RegistryFactory, host: str) -> None:
    """Flux on a cluster that Arc connects."""
    cluster = f"{PROVIDERS}/Microsoft.Kubernetes/connectedClusters/edge"
    await put(factory.azure, cluster, "2024-01-01", {})
    fetched = {"sourceKind": "OCIRepository", "ociRepository": {"url": f"oci://{host}/deploy"}}
    path = f"{cluster}/providers/Microsoft.KubernetesConfiguration/fluxConfigurations/apps"
    await factory.azure.arm.put(path, "2025-04-01", {"properties": fetched}, doing="Planting")


async def allow_list(factory: RegistryFactory, host: str) -> None:
    """A policy that allows images of the registry alone."""
    allowed = {"allowedContainerImagesRegex": {"value": f"^{host.replace('.', chr(92) + '.')}/.+$"}}
    group = "contract-clusters"
    await deployments.ensure_resource_group(factory.azure, SUBSCRIPTION, group, "westeurope")
    path = f"{HERE}/resourceGroups/{group}/providers/Microsoft.Authorization/policyAssignments/only-ours"
    await factory.azure.arm.put(path, "2023-04-01", {"properties": {"parameters": allowed}}, doing="Planting")


PLANTS: Final = {
    "slot": (slot, "web_app"),
    "sidecar": (sidecar, "web_app"),
    "cache rule": (cache_rule, "downstream_rule"),
    "task": (task, "downstream_task"),
    "flux": (flux, "flux_configuration"),
    "allow-list": (allow_list, "host_rule"),
}


async def found_around(factory: RegistryFactory, ref: RegistryRef) -> tuple[Dependency, ...]:
    registry = await read_registry(factory.azure, ref)
    around = await dependents.read_surroundings(factory.azure, registry)
    target = TargetRef(resource_group=GROUP, name="contractelsewherene", location="northeurope")
    drawn = build_map(registry, around, RelocationRequest(source=ref, target=target))
    assert not [unread for unread in drawn.unread if "cluster" not in unread.what]
    return tuple(entry for entry in drawn.dependencies if entry.kind != "replications")


@pytest.mark.parametrize("planted", PLANTS)
async def test_what_is_planted_alone_is_found_once(factory: RegistryFactory, planted: str) -> None:
    """Nothing before, and afterwards that alone, with a command for it."""
    plant, kind = PLANTS[planted]
    ref = await factory.registry()
    before = await found_around(factory, ref)

    await plant(factory, f"{ref.name}.azurecr.io")
    found = await found_around(factory, ref)

    assert before == ()
    assert [(entry.kind, bool(entry.command)) for entry in found] == [(kind, True)]


async def test_a_role_through_groups_is_found(factory: RegistryFactory, emulator: Emulator) -> None:
    """However deep the group is; a cluster that is in none of them is not on the map."""
    ref = await factory.registry()
    clusters = f"{PROVIDERS}/Microsoft.ContainerService/managedClusters"
    nodes = [await put(factory.azure, f"{clusters}/{name}", "2025-10-01", {}) for name in ("grouped", "alone")]
    inner, outer = str(uuid.uuid4()), str(uuid.uuid4())
    emulator.add_group(inner, "nodes", nodes[0]["properties"]["identityProfile"]["kubeletidentity"]["objectId"])
    emulator.add_group(outer, "all nodes", inner)
    await factory.grant(ref, BY_NAME["acrpull"].id, outer, "Group")

    found = [entry for entry in await found_around(factory, ref) if entry.kind == "cluster"]

    assert [(entry.name, f"through the group {outer}" in entry.tie) for entry in found] == [("grouped", True)]


async def test_azures_metrics_tell_how_often_it_was_pulled(factory: RegistryFactory) -> None:
    """Where no log tells who: pulls and pushes of manifests, everybody's."""
    ref = await factory.registry()
    digest = await factory.pushed(ref).image("app", "1")
    await factory.plane(ref).manifest("app", digest)
    registry: Registry = await read_registry(factory.azure, ref)

    uses = await read_uses(factory.azure, registry, (), 7, ())

    assert isinstance(uses, Unknown)
    assert uses.reason.endswith("Azure counts 1 pulls and 1 pushes in these days, this service's own among them")
