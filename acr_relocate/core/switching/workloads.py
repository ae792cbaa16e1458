"""Workloads of an AKS cluster: the images of its Deployments, StatefulSets, DaemonSets and CronJobs, through kubectl.

Only columns are asked for: no environment variable and no secret leaves the cluster. Workloads that a GitOps or Helm
owner would set back are left to the repository that they come from.

Source: Managed Clusters - Run Command; kubectl get (custom-columns), kubectl set image.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Final, NamedTuple

from acr_relocate.core.request.name_patterns import matches_any
from acr_relocate.core.switching.facts import DependentHealth, SwitchedDependent, comes_from
from acr_relocate.core.switching.former_values import FormerImage, FormerWorkload
from acr_relocate.core.switching.workload_owner import OWNER_COLUMNS, custom_columns, owner_of, shown_columns

_COLUMNS: Final = {
    "kind": ".kind",
    "namespace": ".metadata.namespace",
    "name": ".metadata.name",
    **OWNER_COLUMNS,
    "containers": ".spec.template.spec.containers[*].name",
    "images": ".spec.template.spec.containers[*].image",
    "init_containers": ".spec.template.spec.initContainers[*].name",
    "init_images": ".spec.template.spec.initContainers[*].image",
    "job_containers": ".spec.jobTemplate.spec.template.spec.containers[*].name",
    "job_images": ".spec.jobTemplate.spec.template.spec.containers[*].image",
    "generation": ".metadata.generation",
    "observed": ".status.observedGeneration",
    "replicas": ".spec.replicas",
    "updated": ".status.updatedReplicas",
    "ready": ".status.readyReplicas",
    "present": ".status.replicas",
    "scheduled": ".status.desiredNumberScheduled",
    "scheduled_updated": ".status.updatedNumberScheduled",
    "scheduled_ready": ".status.numberReady",
}
END_OF_LIST: Final = "acr-relocate-end-of-list"
LIST_WORKLOADS: Final = (
    "kubectl get deployments,statefulsets,daemonsets,cronjobs --all-namespaces --no-headers "
    f"-o custom-columns='{custom_columns(_COLUMNS)}' "
    f"&& echo {END_OF_LIST}"
)
_LISTS: Final = (("containers", "images", False), ("init_containers", "init_images", True))
_AT_ONCE: Final = 20  # workloads in a command, which is one line


class Workload(NamedTuple):
    """One workload as kubectl shows it: its columns by name, without those that it does not have."""

    columns: dict[str, str]

    @property
    def key(self) -> str:
        """Return the kind, the namespace and the name."""
        return "/".join(self.columns[name] for name in ("kind", "namespace", "name"))

    @property
    def images(self) -> dict[tuple[bool, str], str]:
        """Return the images by container; `True` for init containers."""
        found: dict[tuple[bool, str], str] = {}
        lists = (*_LISTS, ("job_containers", "job_images", False))
        for names, images, is_init in lists:
            pairs = zip(self._list(names), self._list(images), strict=False)
            found |= {(is_init, name): image for name, image in pairs}
        return found

    @property
    def owner(self) -> str:
        """Return the tool or resource that would set its image back, or an empty string."""
        return owner_of(self.columns)

    @property
    def why_left(self) -> str:
        """Return why it is left as it is: its owner, or that nothing could be told from its health; else empty."""
        owner = self.owner
        return f"{owner} would set it back" if owner else "" if self.is_ready else "it was not rolled out before"

    @property
    def is_ready(self) -> bool:
        """Return whether its present form runs everywhere. A CronJob has none: its next job is the proof."""
        count, kind = self._number, self.columns["kind"]
        if kind == "CronJob":
            return True
        if count("observed") != count("generation"):
            return False
        if kind == "DaemonSet":
            return count("scheduled_updated") == count("scheduled_ready") == count("scheduled")
        return count("updated") == count("ready") == count("present") == count("replicas")

    def _list(self, name: str) -> list[str]:
        return self.columns.get(name, "").split(",") if self.columns.get(name) else []

    def _number(self, name: str) -> int:
        return int(self.columns.get(name) or 0)


def read_workloads(logs: str) -> tuple[Workload, ...]:
    """Return the workloads of the listing. Lines of another form, such as warnings, are ignored.

    Raises ListingIncomplete if its end is missing: the output of a command is limited.
    """
    return tuple(map(Workload, shown_columns(_COLUMNS, logs, END_OF_LIST, "workloads")))


def facts_of_workloads(planned: SwitchedDependent, found: Iterable[Workload]) -> SwitchedDependent:
    """Return the former images of the workloads in the wanted namespaces that run the source's; some are left."""
    own = [one for one in _of_source(planned, found) if not one.why_left]
    return planned.model_copy(update={"workloads": tuple(_former(one, planned.source_server) for one in own)})


def with_earlier(facts: SwitchedDependent, earlier: SwitchedDependent) -> SwitchedDependent:
    """Return the facts with the workloads that were switched earlier; those found again are as found now."""
    again = {one.key for one in facts.workloads}
    kept = tuple(one for one in earlier.workloads if one.key not in again)
    secrets = tuple(dict.fromkeys((*earlier.secrets, *facts.secrets)))
    return facts.model_copy(update={"workloads": (*kept, *facts.workloads), "secrets": secrets})


def left_workloads(facts: SwitchedDependent, found: Iterable[Workload]) -> str:
    """Return which workloads are left to people and why; empty if none is."""
    left = [f"{one.key} ({one.why_left})" for one in _of_source(facts, found) if one.why_left]
    if not left:
        return ""
    return (
        f"manual: {', '.join(sorted(left))}. Change the repositories that they come from: "
        f"acr-relocate references rewrite PATH --from {facts.source_server} --to {facts.target_server}"
    )


def workload_commands(
    facts: SwitchedDependent, found: Iterable[Workload], image_of: Callable[[FormerImage], str]
) -> tuple[str, ...]:
    """Return the commands that set the images; none if they are set. Changes by others stay."""
    wanted = {
        one: {each.container: image_of(each) for each in one.images if now[each] != image_of(each)}
        for one, now in unchanged_workloads(facts, found).items()
    }
    lines = [_set_image(one, images) for one, images in wanted.items() if images]
    return tuple(" && ".join(lines[at : at + _AT_ONCE]) for at in range(0, len(lines), _AT_ONCE))


def changed_workloads(facts: SwitchedDependent, found: Iterable[Workload]) -> str:
    """Return which workloads others have changed or deleted since; empty if none is."""
    unchanged = unchanged_workloads(facts, found)
    changed = sorted(one.key for one in facts.workloads if one not in unchanged)
    return f"changed since by others: {', '.join(changed)}" if changed else ""


def workloads_changed_since(facts: SwitchedDependent, found: Iterable[Workload]) -> str:
    """Return that others have changed all of its workloads, or an empty string: the others of a cluster go on."""
    found = tuple(found)
    return "" if unchanged_workloads(facts, found) else changed_workloads(facts, found)


def workloads_health(
    facts: SwitchedDependent, found: Iterable[Workload], server: str, *, those_there: bool = False
) -> DependentHealth:
    """Return whether every switched workload runs images of this server, and is rolled out.

    `those_there`: look only at the workloads that run them now.
    """
    found = tuple(found)
    ready, waiting = {one.key for one in found if one.is_ready}, []
    for one, now in unchanged_workloads(facts, found).items():
        is_there = all(comes_from(image, server) for image in now.values())
        if (is_there and one.key not in ready) or not (is_there or those_there):
            waiting.append(one.key)
    words = f"not rolled out: {', '.join(waiting)}" if waiting else "all its workloads are rolled out"
    return DependentHealth("waiting" if waiting else "ready", words)


def unchanged_workloads(
    facts: SwitchedDependent, found: Iterable[Workload]
) -> dict[FormerWorkload, dict[FormerImage, str]]:
    """Return the workloads that run the former or the switched images, with the image of each container now."""
    running = {one.key: one.images for one in found}
    kept: dict[FormerWorkload, dict[FormerImage, str]] = {}
    for one in facts.workloads:
        now = {each: running.get(one.key, {}).get((each.init, each.container), "") for each in one.images}
        if all(image in {each.image, facts.after(each)} for each, image in now.items()):
            kept[one] = now
    return kept


def _of_source(facts: SwitchedDependent, found: Iterable[Workload]) -> Iterator[Workload]:
    for one in found:
        if matches_any(one.columns["namespace"], list(facts.namespaces)) and any(
            comes_from(image, facts.source_server) for image in one.images.values()
        ):
            yield one


def _former(workload: Workload, server: str) -> FormerWorkload:
    own = workload.columns
    return FormerWorkload(
        kind=own["kind"],
        namespace=own["namespace"],
        name=own["name"],
        images=tuple(
            FormerImage(container=name, image=image, init=is_init)
            for (is_init, name), image in workload.images.items()
            if comes_from(image, server)
        ),
    )


def _set_image(one: FormerWorkload, images: dict[str, str]) -> str:
    """Return the command; its names and images are of patterns that need no quotes."""
    pairs = " ".join(f"{name}={image}" for name, image in images.items())
    return f"kubectl set image {one.kind.lower()}/{one.name} {pairs} --namespace {one.namespace}"
