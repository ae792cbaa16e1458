"""Workloads that run the registry's images: clusters, apps, sites, container groups, workspaces, pools."""

from __future__ import annotations

import shlex
from collections.abc import Callable, Iterator
from typing import Any, Final

from acr_relocate.core.dependencies import alerts
from acr_relocate.core.dependencies.context import MapContext, az, entry_of
from acr_relocate.core.dependencies.model import Dependency
from acr_relocate.core.dependencies.raw_surroundings import Json, properties, readable_items
from acr_relocate.core.evidence.unknown import Unknown
from acr_relocate.core.registry.mentions import texts_in
from acr_relocate.core.registry.resource_ids import ResourceId

_READER: Final = "Container Registry Repository Reader"
_SHOWN: Final = 3


def workload_dependencies(scene: MapContext) -> Iterator[Dependency]:
    """Yield everything that runs images of the registry, as far as Azure shows it."""
    yield from _clusters(scene)
    for entry in readable_items(scene.around.naming):
        kind = str(entry.get("type") or "").lower()
        if kind not in _ELSEWHERE and not entry["id"].lower().startswith(f"{scene.registry.id.lower()}/"):
            yield WORKLOADS_BY_TYPE.get(kind, _other)(scene, entry)
    yield from _pools(scene)


# Covered in more detail by other parts of the map.
_ELSEWHERE: Final = frozenset(
    {
        "microsoft.batch/batchaccounts",
        "microsoft.containerregistry/registries/taskruns",
        "microsoft.containerregistry/registries/tasks",
        "microsoft.containerservice/managedclusters",
        "microsoft.eventgrid/systemtopics",
        *alerts.ALERTS_BY_TYPE,
        "microsoft.network/networkinterfaces",
        "microsoft.network/privateendpoints",
        "microsoft.web/sites",
        "microsoft.web/sites/slots",
    }
)


def _clusters(scene: MapContext) -> Iterator[Dependency]:
    """Yield clusters whose nodes pull with an identity that has a role here, and those whose logs name its images."""
    holders = {
        str(properties(entry).get("principalId")).lower() for entry in readable_items(scene.around.role_assignments)
    }
    in_groups = {} if isinstance(scene.around.through_groups, Unknown) else scene.around.through_groups
    for cluster in readable_items(scene.around.clusters):
        kubelet = (properties(cluster).get("identityProfile") or {}).get("kubeletidentity") or {}
        principal = str(kubelet.get("objectId") or "")
        if principal.lower() in holders:
            action = "give its nodes' identity the role at the target, then point its workloads at the target"
            attach = _attach(scene, cluster, principal)
            yield _cluster_with_role(scene, cluster, kubelet, "", action, attach)
        elif group := in_groups.get(principal.lower()):
            action = "point its workloads at the target, once the group has its role there"
            check = az("aks check-acr", **scene.where(cluster["id"]), acr=scene.login_server)
            yield _cluster_with_role(
                scene, cluster, kubelet, f" through the group {scene.holder(group)}", action, check
            )
        elif images := _running(scene, cluster):
            yield entry_of(
                "cluster",
                cluster,
                f"its nodes have no role here{images}: they pull with a secret or anonymously",
                "Log Analytics",
                "manual",
                "manual: recreate its image pull secrets for the target, then point its workloads at the target",
                to_rename(scene, cluster),
            )


def _cluster_with_role(
    scene: MapContext, cluster: Json, kubelet: Json, through: str, action: str, first: str
) -> Dependency:
    nodes = ResourceId(str(kubelet.get("resourceId") or kubelet.get("objectId"))).name
    return entry_of(
        "cluster",
        cluster,
        f"its nodes pull as {nodes}, which has a role here{through}{_running(scene, cluster)}{_gate(cluster)}",
        "Resource Graph",
        "re-wired",
        f"manual: {action}",
        f"{first}\n{to_rename(scene, cluster)}",
    )


def to_rename(scene: MapContext, cluster: Json) -> str:
    """Return the commands that find the cluster's images from the source, to be pointed at the target."""
    return (
        f"kubectl get pods --all-namespaces --output yaml > {cluster['name']}.yaml\n"
        f"acr-relocate references scan {cluster['name']}.yaml --from {scene.registry.login_server} "
        f"--to {scene.login_server}"
    )


def _running(scene: MapContext, cluster: Json) -> str:
    """Return the registry's images that the cluster runs, as far as its logs show, to be appended to a tie."""
    images = scene.around.running.get(cluster["id"].lower(), ())
    if isinstance(images, Unknown) or not images:
        return ""
    rest = f" and {len(images) - _SHOWN} more" if len(images) > _SHOWN else ""
    return f"; it runs {', '.join(images[:_SHOWN])}{rest}"


def _gate(cluster: Json) -> str:
    """Return the note about a cluster that refuses unscanned images, to be appended to a tie."""
    defender = (properties(cluster).get("securityProfile") or {}).get("defender") or {}
    if not (defender.get("securityGating") or {}).get("enabled"):
        return ""
    return "; it runs no image without findings of Microsoft Defender, which have to be at the target first"


def _attach(scene: MapContext, cluster: Json, principal: str) -> str:
    if not scene.uses_abac:
        return az("aks update", **scene.where(cluster["id"]), attach_acr=scene.target_id)
    # `--attach-acr` assigns AcrPull, which a registry with repository permissions does not honour.
    return az(
        "role assignment create",
        assignee_object_id=principal,
        assignee_principal_type="ServicePrincipal",
        role=_READER,
        scope=scene.target_id,
    )


def _container_app(scene: MapContext, entry: Json) -> Dependency:
    is_job = entry["type"].lower().endswith("/jobs")
    command = "containerapp job" if is_job else "containerapp"
    listed = (properties(entry).get("configuration") or {}).get("registries") or []
    here = [one for one in listed if str(one.get("server")).lower() == scene.registry.login_server.lower()]
    identity = next((one["identity"] for one in here if one.get("identity")), "system")
    where, server = scene.where(entry["id"]), scene.login_server
    path = _path(scene, _images(entry))
    steps = [
        az(f"{command} registry set", **where, server=server, identity=identity),
        *([az(f"{command} update", **where, image=f"{server}/{path}")] if path else []),
        *([az(f"{command} registry remove", **where, server=scene.registry.login_server)] if here else []),
    ]
    return entry_of(
        "container_app_job" if is_job else "container_app",
        entry,
        _tie(path),
        "Resource Graph",
        "re-wired",
        "manual: set the target as its registry, then its image, and take the source off its registries",
        "\n".join(steps),
    )


def _container_group(scene: MapContext, entry: Json) -> Dependency:
    where, file = scene.where(entry["id"]), f"{entry['name']}.yaml"
    group = {name: value for name, value in where.items() if name != "name"}
    steps = [
        az("container export", **where, file=file),
        f"# in {file}: the target's login server, and the credentials, which are not exported",
        az("container create", **group, file=file),
    ]
    return entry_of(
        "container_group",
        entry,
        _tie(_path(scene, _images(entry))),
        "Resource Graph",
        "re-created",
        "manual: the image of a container group cannot be changed",
        "\n".join(steps),
    )


def _workspace(scene: MapContext, entry: Json) -> Dependency:
    return entry_of(
        "ml_workspace",
        entry,
        "keeps its environments in the registry",
        "Resource Graph",
        "re-wired",
        "manual: point the workspace at the target",
        az(
            "ml workspace update",
            **scene.where(entry["id"]),
            container_registry=scene.target_id,
            update_dependent_resources=True,
        ),
    )


def _flux(scene: MapContext, entry: Json) -> Dependency:
    cluster = str(entry["id"]).rpartition("/providers/")[0]
    url = next((text for _, text in texts_in(properties(entry)) if text.lower().startswith("oci://")), "")
    path = url.partition("://")[2].partition("/")[2]
    if not path:
        return _other(scene, entry)
    where = {name: value for name, value in scene.where(cluster).items() if name != "name"}
    return entry_of(
        "flux_configuration",
        entry,
        f"the cluster {ResourceId(cluster).name} fetches {path} from the registry",
        "Resource Graph",
        "re-wired",
        "manual: set its address; its pull secret or identity needs access to the target",
        az(
            "k8s-configuration flux update",
            **where,
            cluster_name=ResourceId(cluster).name,
            cluster_type=cluster.rsplit("/", 2)[-2],
            name=entry["name"],
            kind="oci",
        )
        + f' --url "oci://{scene.login_server}"/{shlex.quote(path)}',
    )


def _other(scene: MapContext, entry: Json) -> Dependency:
    return entry_of(
        "other_user",
        entry,
        f"is a {entry.get('type')} whose settings name the registry",
        "Resource Graph",
        "manual",
        "manual: its use of the registry is unknown to this service",
        az("resource show", ids=entry["id"]) + f"  # where it says {scene.registry.login_server}",
    )


WORKLOADS_BY_TYPE: Final[dict[str, Callable[[MapContext, Json], Dependency]]] = {
    "microsoft.app/containerapps": _container_app,
    "microsoft.app/jobs": _container_app,
    "microsoft.containerinstance/containergroups": _container_group,
    "microsoft.kubernetesconfiguration/fluxconfigurations": _flux,
    "microsoft.machinelearningservices/workspaces": _workspace,
}


def _pools(scene: MapContext) -> Iterator[Dependency]:
    """Yield Batch pools whose nodes pull from the registry."""
    for pool in readable_items(scene.around.batch_pools):
        machine = (properties(pool).get("deploymentConfiguration") or {}).get("virtualMachineConfiguration") or {}
        containers = machine.get("containerConfiguration") or {}
        servers = [str(one.get("registryServer") or "") for one in containers.get("containerRegistries") or ()]
        named = [*servers, *(containers.get("containerImageNames") or ())]
        if not any(scene.registry.login_server.lower() in name.lower() for name in named):
            continue
        account = pool["id"].split("/")[-3]
        file = f"{pool['name']}.json"
        yield entry_of(
            "batch_pool",
            pool,
            f"pool of the Batch account {account}; its nodes pull from the registry",
            "Resource Manager",
            "re-created",
            "manual: the container settings of a pool cannot be changed",
            # Without signing in, the commands for an account's pools ask for its endpoint.
            f"{az('batch account login', name=account, resource_group=ResourceId(pool['id']).group)}\n"
            f"{az('batch pool show', pool_id=pool['name'])} > {file}\n"
            f"# in {file}: a new id and the target's login server\n"
            f"{az('batch pool create', json_file=file)}",
        )


def _images(entry: Json) -> list[str]:
    """Return the images that an app, a job or a container group runs."""
    own = properties(entry)
    containers: list[Json] = [*(own.get("containers") or ()), *((own.get("template") or {}).get("containers") or ())]
    return [str(one.get("image") or _inner(one).get("image") or "") for one in containers]


def _inner(container: Json) -> dict[str, Any]:
    return container.get("properties") or {}


def _path(scene: MapContext, images: list[str]) -> str:
    """Return the first of the images that comes from the registry, without the registry; empty if none does."""
    prefix = f"{scene.registry.login_server.lower()}/"
    return next((image[len(prefix) :] for image in images if image.lower().startswith(prefix)), "")


def _tie(path: str) -> str:
    return f"runs {path}" if path else "has it among its registries"
