"""The workloads of a cluster, as far as kubectl is asked about them: objects, columns, images, rollouts.

Source: kubectl reference - get (custom-columns), set image, apply; apps/v1 and batch/v1 statuses. A changed object is
rolled out at once if the cluster's nodes can pull its images; otherwise it has a pod less than it wants.
"""

import json
import re
from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING, Any, Final

from local_azure.services import pull_secrets
from local_azure.state.store import Resource

if TYPE_CHECKING:
    from local_azure.state.world import World

Json = dict[str, Any]
Pulls = Callable[[str, Json], str]
"""Why a pod of the workload cannot pull the image, or an empty string."""
Run = Callable[["World", Resource, re.Match[str], Pulls], str]
_KINDS: Final = ("Deployment", "StatefulSet", "DaemonSet", "CronJob")
_GET: Final = re.compile(r"kubectl get (\S+) --all-namespaces --no-headers -o custom-columns='([^']+)'")
_ECHO: Final = re.compile(r"echo (\S+)")
_SET: Final = re.compile(r"kubectl set image ([a-z]+)/(\S+) (.+?) --namespace (\S+)")
_APPLY: Final = re.compile(r"kubectl apply(?: --field-manager=(\S+))? -f - <<'EOF'\n(.*)\nEOF", re.DOTALL)


class CommandError(Exception):
    """A command that ends with exit code 1; its text is what kubectl prints."""


def is_known(command: str) -> bool:
    """Return whether each of the commands, joined by `&&`, is one of those."""
    return all(_known(part) for part in _parts(command))


def run_kubectl(world: "World", cluster: Resource, command: str, refusal: Pulls) -> str:
    """Return the output of commands that are known. Raises CommandError."""
    output = ""
    for part in _parts(command):
        for run, found in _known(part):
            output += run(world, cluster, found, refusal)
    return output


def _parts(command: str) -> list[str]:
    is_one = _APPLY.fullmatch(command) or pull_secrets.LIST.fullmatch(command)
    return [command] if is_one else command.split(" && ")


def _known(part: str) -> list[tuple[Run, re.Match[str]]]:
    """Return the command with its arguments; none if there is no such command here."""
    commands: list[tuple[Run, re.Pattern[str]]] = [
        (_get, _GET),
        (_set_image, _SET),
        (_apply, _APPLY),
        (_echo, _ECHO),
        (_list_secrets, pull_secrets.LIST),
        (_edit_secret, pull_secrets.EDIT),
    ]
    return [(run, found) for run, pattern in commands if (found := pattern.fullmatch(part))]


def _objects(cluster: Resource) -> list[Json]:
    found: list[Json] = cluster.hidden.setdefault("workloads", [])
    return found


def _get(world: "World", cluster: Resource, asked: re.Match[str], refusal: Pulls) -> str:
    del world, refusal
    kinds = [kind for kind in _KINDS if f"{kind.lower()}s" in asked[1].split(",")]
    return _rows((one for kind in kinds for one in _objects(cluster) if one["kind"] == kind), asked[2])


def _rows(objects: Iterable[Json], columns: str) -> str:
    paths = [column.partition(":")[2] for column in re.split(r",(?=[A-Z_]+:)", columns)]
    return "".join("   ".join(_column(one, path) for path in paths) + "\n" for one in objects)


def _column(value: Json, path: str) -> str:
    """Return a column as kubectl prints it: values joined by commas, `<none>` without any."""
    names = [name.replace("\\.", ".") for name in re.split(r"(?<!\\)\.", path.lstrip("."))]
    found = [str(one) for one in _values(value, names)]
    return ",".join(found) or "<none>"


def _values(value: Any, names: list[str]) -> Iterator[Any]:
    if not names:
        yield value
        return
    name, is_list = names[0].removesuffix("[*]"), names[0].endswith("[*]")
    inner = value.get(name) if isinstance(value, dict) else None
    for one in (inner or ()) if is_list else () if inner is None else (inner,):
        yield from _values(one, names[1:])


def _echo(world: "World", cluster: Resource, asked: re.Match[str], refusal: Pulls) -> str:
    del world, cluster, refusal
    return f"{asked[1]}\n"


def _list_secrets(world: "World", cluster: Resource, asked: re.Match[str], refusal: Pulls) -> str:
    del world, refusal
    columns, target, source, end = asked.groups()
    found = (one for one in _objects(cluster) if one.get("type") == pull_secrets.TYPE)
    named = (one for one in found if pull_secrets.is_named(one, source) and not pull_secrets.is_named(one, target))
    return f"{_rows(named, columns)}{end}\n"


def _edit_secret(world: "World", cluster: Resource, asked: re.Match[str], refusal: Pulls) -> str:
    del world, refusal
    name, namespace, script = asked.groups()
    one = next((one for one in _objects(cluster) if _is(one, "Secret", namespace, name)), None)
    if one is None:
        return f'Error from server (NotFound): secrets "{name}" not found\n'
    pull_secrets.edited(one, script)
    _manage(one, "kubectl-patch")
    return f"secret/{name} patched\n"


def pull_secrets_of(cluster: Resource, workload: Json) -> list[Json]:
    """Return the pull secrets that a workload's pods name."""
    names = [one["name"] for one in _pod(workload).get("imagePullSecrets", ())]
    namespace = workload["metadata"]["namespace"]
    return [one for one in _objects(cluster) if any(_is(one, "Secret", namespace, name) for name in names)]


def _set_image(world: "World", cluster: Resource, asked: re.Match[str], refusal: Pulls) -> str:
    kind, name, pairs, namespace = asked.groups()
    one = next((one for one in _objects(cluster) if _is(one, kind, namespace, name)), None)
    if one is None:
        raise CommandError(f'Error from server (NotFound): {kind}s.apps "{name}" not found\n')
    images = dict(pair.split("=", 1) for pair in pairs.split())
    for container in _containers(one):
        container["image"] = images.get(container["name"], container["image"])
    _manage(one, "kubectl-set")
    _roll_out(world, one, refusal)
    return f"{kind}.apps/{name} image updated\n"


def _apply(world: "World", cluster: Resource, asked: re.Match[str], refusal: Pulls) -> str:
    one: Json = json.loads(asked[2])
    one["metadata"].setdefault("namespace", "default")
    kept = [each for each in _objects(cluster) if not _is(each, one["kind"], *_named(one))]
    cluster.hidden["workloads"] = [*kept, one]
    _manage(one, asked[1] or "kubectl-client-side-apply")
    _roll_out(world, one, refusal)
    return f"{one['kind'].lower()}.apps/{one['metadata']['name']} created\n"


def _named(one: Json) -> tuple[str, str]:
    return one["metadata"]["namespace"], one["metadata"]["name"]


def _is(one: Json, kind: str, namespace: str, name: str) -> bool:
    return bool(one["kind"].lower() == kind.lower() and _named(one) == (namespace, name))


def _pod(one: Json) -> Json:
    spec: Json = one["spec"].get("jobTemplate", one)["spec"]["template"]["spec"]
    return spec


def _containers(one: Json) -> list[Json]:
    spec = _pod(one)
    return [*spec.get("containers", ()), *spec.get("initContainers", ())]


def _manage(one: Json, manager: str) -> None:
    fields = one["metadata"].setdefault("managedFields", [])
    if manager not in [each["manager"] for each in fields]:
        fields.append({"manager": manager, "operation": "Update"})


def _roll_out(world: "World", one: Json, refusal: Pulls) -> None:
    """Set the status after a change of the object's form."""
    if one["kind"] in {"CronJob", "Secret"}:
        return
    metadata = one["metadata"]
    metadata["generation"] = int(metadata.get("generation", 0)) + 1
    wanted = int(one["spec"].setdefault("replicas", 1)) if one["kind"] != "DaemonSet" else 3
    fails = world.faults.take("rollout-hangs", workload=metadata["name"])
    ready = wanted - 1 if fails or any(refusal(each["image"], one) for each in _containers(one)) else wanted
    told = {"replicas": wanted, "updatedReplicas": wanted, "readyReplicas": ready}
    if one["kind"] == "DaemonSet":
        told = {"desiredNumberScheduled": wanted, "updatedNumberScheduled": wanted, "numberReady": ready}
    one["status"] = {"observedGeneration": metadata["generation"], **told}
