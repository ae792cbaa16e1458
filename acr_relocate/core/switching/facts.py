"""The changes of a switch at one dependent, as facts: enough to make them, to see them, and to restore them.

A record of them is in Azure before the change (docs/decisions/0008). They hold images, the registry entry, the
traffic and a cache rule, never an environment variable, a secret or another setting. The calls are computed from them
and from what Azure shows of the dependent at that moment.
"""

from __future__ import annotations

import re
from typing import Annotated, Final, Literal, NamedTuple

from pydantic import Field, StringConstraints, model_validator

from acr_relocate.core.errors import RecordBroken
from acr_relocate.core.model import Restorable
from acr_relocate.core.registry.rename_map import RenameMap
from acr_relocate.core.registry.resource_ids import ResourceId
from acr_relocate.core.request.dependents_to_switch import SwitchedKind
from acr_relocate.core.switching.former_values import (
    OCI,
    FormerEntry,
    FormerImage,
    FormerRule,
    FormerShare,
    FormerText,
    FormerWorkload,
    LoginServer,
    PlainName,
    PullSecret,
    RegistrySetting,
    RegistryURL,
)

_SITE: Final = r"Microsoft\.Web/sites/[A-Za-z0-9-]+(/slots/[A-Za-z0-9-]+)?"
_REGISTRY: Final = r"Microsoft\.ContainerRegistry/registries/[A-Za-z0-9]+"
_DEPENDENT: Final = {
    "container_app": r"Microsoft\.App/containerApps/[A-Za-z0-9-]+",
    "container_app_job": r"Microsoft\.App/jobs/[A-Za-z0-9-]+",
    "web_app": _SITE,
    "function_app": _SITE,
    "ml_workspace": r"Microsoft\.MachineLearningServices/workspaces/[A-Za-z0-9_-]+",
    "cluster": r"Microsoft\.ContainerService/managedClusters/[A-Za-z0-9_-]+",
    "flux_configuration": r"Microsoft\.[A-Za-z]+/[A-Za-z]+/[A-Za-z0-9_-]+/providers/"
    r"Microsoft\.KubernetesConfiguration/fluxConfigurations/[a-z0-9.-]+",
    "downstream_rule": rf"{_REGISTRY}/cacheRules/[A-Za-z0-9-]+",
    "downstream_task": rf"{_REGISTRY}/tasks/[A-Za-z0-9_-]+",
}
_KNOWN_LATER: Final = frozenset({"cluster", "downstream_task"})
"""Kinds of which a plan knows nothing but that they are to be switched."""


class DependentHealth(NamedTuple):
    """Whether a dependent is ready, has failed, or is still to become one of both; `words` has Azure's states.

    `revision`: the name of what runs, where it has one.
    """

    state: Literal["ready", "failed", "waiting"]
    words: str
    revision: str = ""


class SwitchedDependent(Restorable):
    """The former value of a dependent, and the server that replaces the source's.

    `entry`: None if the source is not among its registries. `adds_entry`: the target is not among them before.
    `revision`: the latest revision before. `traffic`: of an app with several active revisions; otherwise empty.
    `server_url`: of a site, the registry's address among its settings, if that is the source's. `slot`: the slot of a
    site that is switched first and then swapped with it. `setting`, `setting_after`: of a dependent that names the
    registry in one setting. `namespaces`: patterns of those of a cluster that are switched. `workloads`: of a cluster,
    with their images. `secrets`: of a cluster, pull secrets that get an entry for the target. `rule`: a cache rule of
    another registry. `texts`: of a task, those that name the source.
    """

    record_kind = "switch"
    kind: SwitchedKind
    dependent_id: Annotated[str, StringConstraints(max_length=500)]
    source_server: LoginServer
    target_server: LoginServer
    images: tuple[FormerImage, ...] = Field(default=(), max_length=100)
    entry: FormerEntry | None = None
    adds_entry: bool = False
    revision: PlainName = ""
    traffic: tuple[FormerShare, ...] = Field(default=(), max_length=100)
    server_url: RegistryURL = ""
    slot: PlainName = ""
    setting: RegistrySetting = ""
    setting_after: RegistrySetting = ""
    namespaces: tuple[Annotated[str, StringConstraints(max_length=300)], ...] = Field(default=(), max_length=100)
    workloads: tuple[FormerWorkload, ...] = Field(default=(), max_length=2000)
    secrets: tuple[PullSecret, ...] = Field(default=(), max_length=2000)
    rule: FormerRule | None = None
    texts: tuple[FormerText, ...] = Field(default=(), max_length=10)

    @model_validator(mode="after")
    def _is_about_such_a_dependent(self) -> SwitchedDependent:
        expected = (
            r"/subscriptions/[0-9A-Fa-f-]{36}/resourceGroups/[^/?#%\x00-\x20]+/providers/"
            rf"({_DEPENDENT[self.kind]})"
        )
        if not re.fullmatch(expected, self.dependent_id, re.IGNORECASE):
            raise ValueError("it is not the id of such a dependent")
        of_workloads = (each for one in self.workloads for each in one.images)
        if not all(comes_from(each.image, self.source_server) for each in (*self.images, *of_workloads)):
            raise ValueError("an image is not the source's")
        if self.entry and self.entry.server.lower() != self.source_server.lower():
            raise ValueError("the registry entry is not the source's")
        if self.server_url and _host_of(self.server_url).lower() != self.source_server.lower():
            raise ValueError("the registry's address is not the source's")
        if self.setting and not _names(self.setting, self.registry_id, self.source_server):
            raise ValueError("the setting is not the source's")
        if self.rule and not comes_from(self.rule.source, self.source_server):
            raise ValueError("the rule does not fill its repositories from the source")
        changed = (self.images, self.entry, self.server_url, self.setting, self.rule)
        if not (any(changed) or self.kind in _KNOWN_LATER):
            raise ValueError("nothing is changed")
        return self

    @property
    def name(self) -> str:
        """Return the name of the dependent; of a slot, with that of its app."""
        return dependent_name(self.dependent_id)

    @property
    def covers(self) -> tuple[str, ...]:
        """Return the ids of all that the switch changes, in lower case."""
        own = self.dependent_id.lower()
        return (own, self.slot_id.lower()) if self.slot else (own,)

    @property
    def slot_id(self) -> str:
        """Return the id of the slot that is swapped."""
        return f"{self.dependent_id}/slots/{self.slot}"

    @property
    def changes(self) -> int:
        """Return the number of writes to announce: to the target and off the source, or through a slot."""
        return 3 if self.slot else 1 + bool(self.entry or self.rule)

    @property
    def url_after(self) -> str:
        """Return the registry's address among the settings after the switch."""
        return self.server_url.replace(_host_of(self.server_url), self.target_server) if self.server_url else ""

    def under(self, names: RenameMap) -> SwitchedDependent:
        """Return it with the names of its images at the target, and of the artifact that its setting names."""
        host, _, path = self.setting_after.removeprefix(OCI).partition("/")
        is_url = self.setting_after.startswith(OCI)
        return self.model_copy(
            update={
                "images": tuple(image.under(names) for image in self.images),
                "workloads": tuple(one.under(names) for one in self.workloads),
                "rule": self.rule and self.rule.under(names),
                "setting_after": f"{OCI}{host}/{names.image_at_target(path)}" if is_url else self.setting_after,
            }
        )

    def after(self, image: FormerImage) -> str:
        """Return the image of the same path and tag from the target, under the name of its repository there."""
        return f"{self.target_server}/{image.renamed or image.image.partition('/')[2]}"

    @property
    def upstream_after(self) -> str:
        """Return what the cache rule fills its repositories from after the switch; empty without a rule."""
        if self.rule is None:
            return ""
        return f"{self.target_server}/{self.rule.renamed or self.rule.source.partition('/')[2]}"

    def settled(self, *, ended: bool = True) -> SwitchedDependent:
        """Return the former value of a dependent whose switch has ended, or whose restoration begins."""
        rule = self.rule and self.rule.model_copy(update={"settled": ended})
        return self.model_copy(update={"rule": rule})

    @property
    def in_words(self) -> str:
        """Return each old and new value, for a person."""
        said = [f"{each.container}: {each.image} -> {self.after(each)}" for each in self.images]
        if self.entry:
            said.append(f"registry: {self.entry.server} -> {self.target_server} (identity {self.entry.identity})")
        if self.server_url:
            said.append(f"registry setting: {self.server_url} -> {self.url_after}")
        for one in self.workloads:
            said += [f"{one.key} {each.container}: {each.image} -> {self.after(each)}" for each in one.images]
        said += [f"pull secret {one}: {self.source_server} -> {self.target_server}, beside it" for one in self.secrets]
        if self.rule:
            said.append(f"it is deleted and made again: {self.rule.source} -> {self.upstream_after}")
        if self.kind == "downstream_task":
            said.append(f"the names in its steps: {self.source_server} -> {self.target_server}")
        if self.kind == "cluster" and not self.workloads:
            said.append(
                f"images of its workloads: {self.source_server}/... -> {self.target_server}/..., and an entry for "
                f"{self.target_server} in their pull secrets"
            )
        if self.setting:
            said.append(f"{self.setting} -> {self.setting_after}")
        if self.slot:
            said.append(f"first in its slot {self.slot}, which is swapped with it once it is healthy")
        return "; ".join(said)


def dependent_name(dependent_id: str) -> str:
    """Return what people call a dependent: its name, and of a slot also its app's (`contoso-portal/staging`)."""
    app, is_slot, slot = dependent_id.partition("/slots/")
    return f"{ResourceId(app).name}/{slot}" if is_slot else ResourceId(dependent_id).name


def _names(setting: str, registry_id: str, server: str) -> bool:
    return setting.lower() == registry_id.lower() or comes_from(setting.removeprefix(OCI), server)


def _host_of(url: str) -> str:
    return url.rpartition("://")[2].partition("/")[0]


def comes_from(image: str, server: str) -> bool:
    """Return whether the image is of the registry with this login server."""
    return image.lower().startswith(f"{server.lower()}/")


def require_true_servers(former: SwitchedDependent, source_server: str, target_server: str) -> None:
    """Raise RecordBroken unless both servers of the record are those that Azure names for the two registries.

    `target_server` is empty if the target is gone: a dependent can then only be given its former value again.
    """
    wanted = {former.source_server.lower(): source_server.lower()}
    if target_server:
        wanted[former.target_server.lower()] = target_server.lower()
    for recorded, true in wanted.items():
        if recorded != true:
            raise RecordBroken(
                f"The record of a switch of {former.name} names the host {recorded}, but Azure "
                f"{f'names {true}' if true else 'has no such registry'}. Nothing was done because of it",
                code="RecordBroken",
                resource=former.dependent_id,
                remedy="Find out in the activity log who wrote the deployment with the record, and delete it.",
            )
