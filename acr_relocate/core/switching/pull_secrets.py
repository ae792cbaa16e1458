"""Pull secrets of an AKS cluster: a second entry, for the target, with the credentials of the source's entry.

All of it happens in the cluster. A command has names and hosts, and prints names: no password leaves the cluster. The
credentials of a service principal are the same for both registries. Those of a token are not, because it has another
password at the target: then the workloads are not rolled out, and are restored.

Source: Kubernetes, Pull an Image from a Private Registry (`.dockerconfigjson`: flat objects by host).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final, NamedTuple

from acr_relocate.core.request.name_patterns import matches_any
from acr_relocate.core.switching.facts import SwitchedDependent, comes_from
from acr_relocate.core.switching.former_values import PullSecret
from acr_relocate.core.switching.workload_owner import OWNER_COLUMNS, custom_columns, owner_of, shown_columns
from acr_relocate.core.switching.workloads import Workload, unchanged_workloads

END_OF_SECRETS: Final = "acr-relocate-end-of-secrets"
_COLUMNS: Final = {"namespace": ".metadata.namespace", "name": ".metadata.name", **OWNER_COLUMNS}
_FILE: Final = "/tmp/acr-relocate-secrets"  # noqa: S108 - in the pod that AKS makes for one command
_CONFIG: Final = r"jsonpath='{.data.\.dockerconfigjson}' | base64 -d"
_VALUE: Final = "[[:space:]]*:[[:space:]]*{[^}]*}"


class FoundSecret(NamedTuple):
    """A pull secret that has an entry for the source and none for the target, by its columns."""

    columns: dict[str, str]

    @property
    def key(self) -> PullSecret:
        """Return its namespace and name."""
        return PullSecret(namespace=self.columns["namespace"], name=self.columns["name"])

    @property
    def owner(self) -> str:
        """Return the tool or resource that would set it back, or an empty string."""
        return owner_of(self.columns)


def list_secrets(facts: SwitchedDependent) -> str:
    """Return the command that prints the columns of the pull secrets with an entry for the source alone."""
    known = f"""*'"{facts.target_server}"'*) ;; *'"{facts.source_server}"'*) echo "$namespace $name $rest" ;;"""
    return (
        "kubectl get secrets --all-namespaces --field-selector type=kubernetes.io/dockerconfigjson --no-headers "
        f"-o custom-columns='{custom_columns(_COLUMNS)}' > {_FILE} && while read -r namespace name rest; "
        f'do case "$(kubectl get secret "$name" --namespace "$namespace" -o {_CONFIG})" in {known} esac; '
        f"done < {_FILE} "
        f"&& echo {END_OF_SECRETS}"
    )


def read_secrets(logs: str) -> tuple[FoundSecret, ...]:
    """Return the secrets of the listing. Raises ListingIncomplete if its end is missing."""
    return tuple(map(FoundSecret, shown_columns(_COLUMNS, logs, END_OF_SECRETS, "pull secrets")))


def with_secrets(facts: SwitchedDependent, found: Iterable[FoundSecret]) -> SwitchedDependent:
    """Return the facts with the secrets in the namespaces of its workloads, without those that an owner would reset."""
    namespaces = {one.namespace for one in facts.workloads}
    own = (one.key for one in found if one.key.namespace in namespaces and not one.owner)
    return facts.model_copy(update={"secrets": tuple(dict.fromkeys((*facts.secrets, *own)))})


def left_secrets(facts: SwitchedDependent, found: Iterable[FoundSecret]) -> str:
    """Return which pull secrets in the namespaces of the switch lack the target's entry; empty if none does."""
    left = [
        f"Secret/{one.key} ({one.owner} would set it back)" if one.owner else f"Secret/{one.key}"
        for one in found
        if matches_any(one.key.namespace, list(facts.namespaces)) and one.key not in facts.secrets
    ]
    return f"pull secrets without an entry for {facts.target_server}: {', '.join(sorted(left))}" if left else ""


def add_entries(facts: SwitchedDependent) -> Iterator[str]:
    """Yield the command for each secret that adds the target's entry, unless there is one."""
    source, target = facts.source_server.replace(".", r"\."), facts.target_server
    script = f"""-e '/"{target}"/b' -e 's#"{source}"\\({_VALUE}\\)#&,"{target}"\\1#'"""
    yield from (_rewrite(one, script) for one in facts.secrets)


def remove_entries(facts: SwitchedDependent, found: Iterable[Workload]) -> Iterator[str]:
    """Yield the command for each secret that removes the entry, unless others run images of the target beside it."""
    found = tuple(found)
    restored = {one.key for one in unchanged_workloads(facts, found)}
    used = {
        one.columns["namespace"]
        for one in found
        if one.key not in restored and any(comes_from(image, facts.target_server) for image in one.images.values())
    }
    target = facts.target_server.replace(".", r"\.")
    script = f"""-e 's#,"{target}"{_VALUE}##'"""
    yield from (_rewrite(one, script) for one in facts.secrets if one.namespace not in used)


def _rewrite(one: PullSecret, script: str) -> str:
    """Return the command that edits the secret; lines are joined meanwhile, for sed edits each by itself."""
    place = f"secret {one.name} --namespace {one.namespace}"
    patch = """'{"data":{".dockerconfigjson":"%"}}'"""
    return (
        rf"kubectl get {place} -o {_CONFIG} | tr '\n' '\001' | sed {script} | tr '\001' '\n' | base64 -w0 "
        f"| xargs -I% kubectl patch {place} --type merge -p {patch}"
    )
