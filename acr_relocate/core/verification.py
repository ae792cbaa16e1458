"""Compare a source with a target, content and settings, at any time. No difference means relocated."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Literal

from acr_relocate.core.arm_types import writable
from acr_relocate.core.children import KINDS
from acr_relocate.core.children.replications import is_home
from acr_relocate.core.children.scope_maps import is_system
from acr_relocate.core.edited import wanted
from acr_relocate.core.inventory import UNLOCKED, Attributes, Content, Registry, Repository
from acr_relocate.core.model import Frozen
from acr_relocate.core.plan_id import PLAN_TAG, SOURCE_TAG
from acr_relocate.core.regions import compact
from acr_relocate.core.request import RelocationRequest
from acr_relocate.core.selecting import Selection
from acr_relocate.core.selection import Travel, selected, travels
from acr_relocate.core.target import subnet_ids

DifferenceKind = Literal["repository", "tag", "manifest", "child", "referrer", "attributes", "setting", "extra"]


class Difference(Frozen):
    """One thing not the same. `subject` is a tag, a digest or a setting; `source` and `target` what each has.

    The kind `extra` is what only the target has. A setting has no repository.
    """

    kind: DifferenceKind
    repository: str
    subject: str
    source: str
    target: str
    message: str


def compare(source: Content, target: Content, selection: Selection) -> tuple[Difference, ...]:
    """Return every difference in the selected content: tags, digests tagged or not, children, referrers, locks.

    A repository that is missing as a whole is one difference. What only the target has is `extra`. The order is
    stable: by repository, and in it by kind and subject.
    """
    there = {repository.name: repository for repository in target.repositories}
    differences = [
        difference
        for repository, travel in sorted(travels(source, selection), key=_name_of_first)
        for difference in _compare_repository(repository, travel, there.get(repository.name))
    ]
    known = {repository.name for repository in source.repositories}
    extra = (repository for repository in selected(target, selection) if repository.name not in known)
    return (*differences, *(_extra_repository(repository) for repository in sorted(extra, key=_name)))


def compare_settings(
    source: Registry,
    target: Registry,
    request: RelocationRequest,
    held_back: Mapping[str, Any] | None = None,
    edited: dict[str, Any] | None = None,
) -> tuple[Difference, ...]:
    """Return every difference between the target registry and what this request makes of the source.

    `held_back` are the settings that wait for the cut-over; they count neither way. What the relocation announced to
    leave out or change is no difference. Children that only the target has are `extra`. `edited`: the template that a
    person has edited, if that is what was deployed.
    """
    design = wanted(source, request, edited)
    want = _settings(design.registry) | _children(design.registry) | dict(_held(design.held_back))
    have = _settings(target) | _children(target)
    waiting = dict(_held(held_back or {})).keys()
    differing = [name for name in sorted(want.keys() - waiting) if want[name] != have.get(name, "")]
    extra = sorted(name for name in have.keys() - want.keys() if _is_child(name))
    return (
        *(_setting(name, want[name], have.get(name, "")) for name in differing),
        *(_difference("extra", "", name, "", have[name], f"{name} is only at the target") for name in extra),
    )


def unclean(differences: Iterable[Difference], *, strict: bool = False) -> tuple[Difference, ...]:
    """Return the differences that count: all, but what only the target has counts only if `strict`."""
    return tuple(difference for difference in differences if strict or difference.kind != "extra")


def _compare_repository(source: Repository, travel: Travel, target: Repository | None) -> Iterator[Difference]:
    if target is not None:
        yield from _compare_tags(source, travel, target)
        yield from _compare_manifests(source.name, travel, target)
        yield from _compare_attributes(source, travel, target)
    elif travel.digests:
        held = f"{len(travel.digests)} manifests, {sum(map(len, travel.tags.values()))} tags"
        message = f"repository {source.name} is missing at the target ({held})"
        yield Difference(
            kind="repository", repository=source.name, subject=source.name, source=held, target="", message=message
        )


def _compare_tags(source: Repository, travel: Travel, target: Repository) -> Iterator[Difference]:
    want = {tag: digest for digest, tags in travel.tags.items() for tag in tags}
    have = {tag.name: tag.digest for tag in target.tags}
    left_behind = {tag.name for tag in source.tags} - want.keys()
    for tag in sorted((want.keys() | have.keys()) - left_behind):
        here, there = want.get(tag, ""), have.get(tag, "")
        name = f"{source.name}:{tag}"
        if not here:
            yield _difference("extra", source.name, tag, "", there, f"{name} is only at the target")
        elif not there:
            yield _difference("tag", source.name, tag, here, "", f"{name} is missing at the target")
        elif here != there:
            message = f"{name} names {there} at the target, {here} at the source"
            yield _difference("tag", source.name, tag, here, there, message)


def _compare_manifests(repository: str, travel: Travel, target: Repository) -> Iterator[Difference]:
    have = {manifest.digest: manifest for manifest in target.manifests}
    for digest in sorted(travel.digests - have.keys()):
        kind = _kind(travel, digest)
        message = f"{repository}@{digest} ({_WORDS[kind]}) is missing at the target"
        yield _difference(kind, repository, digest, digest, "", message)
    for digest in sorted(travel.digests & have.keys()):
        here, there = travel.manifests[digest].subject or "", have[digest].subject or ""
        if here != there:
            message = (
                f"{repository}@{digest} refers to {there or 'nothing'} at the target, {here or 'nothing'} at the source"
            )
            yield _difference("referrer", repository, digest, here, there, message)
    for digest in sorted(have.keys() - travel.manifests.keys()):
        yield _difference("extra", repository, digest, "", digest, f"{repository}@{digest} is only at the target")


def _kind(travel: Travel, digest: str) -> Literal["referrer", "child", "manifest"]:
    if travel.manifests[digest].subject:
        return "referrer"
    return "child" if travel.root_of(digest) != digest else "manifest"


_WORDS = {"referrer": "a referrer", "child": "inside an index", "manifest": "a manifest"}


def _compare_attributes(source: Repository, travel: Travel, target: Repository) -> Iterator[Difference]:
    """Yield the locks that differ, on what both registries have."""
    want = _attributes(source) | {digest: travel.manifests[digest].attributes for digest in travel.digests}
    have = _attributes(target) | {manifest.digest: manifest.attributes for manifest in target.manifests}
    for subject in sorted(want.keys() & have.keys()):
        if want[subject] != have[subject]:
            here, there = _describe(want[subject]), _describe(have[subject])
            separator = "@" if subject in travel.manifests else ""
            message = f"{source.name}{separator}{subject} is {there} at the target, {here} at the source"
            yield _difference("attributes", source.name, subject or source.name, here, there, message)


def _attributes(repository: Repository) -> dict[str, Attributes]:
    """Return the attributes of the repository itself, keyed by nothing, and of its tags, keyed by `:tag`."""
    return {"": repository.attributes} | {f":{tag.name}": tag.attributes for tag in repository.tags}


def _describe(attributes: Attributes) -> str:
    if attributes == UNLOCKED:
        return "unlocked"
    return ", ".join(f"{name.replace('_enabled', '')} off" for name, enabled in attributes if not enabled)


def _extra_repository(repository: Repository) -> Difference:
    message = f"repository {repository.name} is only at the target"
    return _difference("extra", repository.name, repository.name, "", f"{len(repository.manifests)} manifests", message)


def _difference(
    kind: DifferenceKind, repository: str, subject: str, source: str, target: str, message: str
) -> Difference:
    return Difference(kind=kind, repository=repository, subject=subject, source=source, target=target, message=message)


def _name(repository: Repository) -> str:
    return repository.name


def _name_of_first(pair: tuple[Repository, Travel]) -> str:
    return pair[0].name


def _held(held_back: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield the settings that wait, by the same names as all others."""
    for name, value in held_back.items():
        if name == "tasks":
            for task, properties in value.items():
                yield from _leaves(f"tasks/{task}.", properties)
        else:
            yield from _leaves(f"{name}.", value)


def _settings(registry: Registry) -> dict[str, str]:
    """Return the registry's own settings by dotted name, as text."""
    properties = writable("registries", registry.properties)
    if subnets := subnet_ids(registry):
        properties["networkRuleSet"]["virtualNetworkRules"] = [subnet.lower() for subnet in subnets]
    identity = registry.identity or {}
    return {
        "location": compact(registry.location),
        "sku": registry.sku,
        "identity": identity.get("type", "None"),
        "identities": ", ".join(sorted(user.lower() for user in identity.get("userAssignedIdentities") or ())),
        **{f"tags.{name}": value for name, value in registry.tags.items() if name not in {PLAN_TAG, SOURCE_TAG}},
        **dict(_leaves("", properties)),
    }


def _children(registry: Registry) -> dict[str, str]:
    """Return the children that a relocation creates, by kind and name, and their settings by dotted name."""
    settings: dict[str, str] = {}
    for child in registry.children:
        if child.kind in KINDS and not is_system(child) and not is_home(child, registry):
            settings[f"{child.kind}/{child.name}"] = compact(child.location or "there")
            settings |= dict(_leaves(f"{child.kind}/{child.name}.", writable(child.kind, child.properties)))
    return settings


def _leaves(prefix: str, value: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for name, inner in value.items():
        if isinstance(inner, Mapping):
            yield from _leaves(f"{prefix}{name}.", inner)
        else:
            yield f"{prefix}{name}", _text(inner)


def _text(value: Any) -> str:
    """Return the value as text in which neither the order of a list nor the case of a resource id matters."""
    if isinstance(value, list):
        return ", ".join(sorted(_text(item) for item in value))
    if isinstance(value, dict):
        return ", ".join(f"{name}: {_text(inner)}" for name, inner in sorted(value.items()))
    if isinstance(value, str):
        return value.lower() if value.startswith("/subscriptions/") else value
    return json.dumps(value, sort_keys=True)


def _is_child(name: str) -> bool:
    return "/" in name and "." not in name


def _setting(name: str, source: str, target: str) -> Difference:
    message = f"{name} is {target or 'not there'} at the target; it should be {source}"
    if _is_child(name) and not target:
        message = f"{name} is missing at the target"
    return _difference("setting", "", name, source, target, message)
