"""Rollback of one of several sources of a target: what it brought goes, all of the others stays.

The record is in Azure: its deployments in the target's group name its children, and below its prefix it has all
repositories. There the target loses exactly what the source holds, too. All else was pushed by others, and stays.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Final

from acr_relocate.core.content.manifest_graph import descendants, index_by_digest
from acr_relocate.core.content.scan_findings import proofs_of_moves, scan_findings
from acr_relocate.core.cut_over import CutOverAction
from acr_relocate.core.dependencies import Dependency, Surroundings
from acr_relocate.core.model import FrozenModel
from acr_relocate.core.registry.inventory import UNLOCKED, Attributes, Content, Registry, Repository
from acr_relocate.core.registry.mentions import texts_in
from acr_relocate.core.registry.rename_map import AT_TARGET
from acr_relocate.core.target.children import REWRITES

OF_THE_REGISTRY: Final = frozenset({"policies", "subnet_rule"})
"""Kinds of actions that set the registry for all of its sources, so no part takes them back."""


class ContentRemoval(FrozenModel):
    """The removals in one repository, by the source's name of it: manifests in order, with their tags.

    `whole`: nothing else is in it, so it goes as a whole. `locks`: the references to unlock first. `seen`: all of its
    tags and digests; with others it is left alone.
    """

    repository: str
    manifests: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    whole: bool = False
    locks: tuple[str, ...] = ()
    seen: tuple[str, ...] = ()


def content_removals(kept: Content, held: Content) -> tuple[ContentRemoval, ...]:
    """Return the removals at the target (`kept`) of what the source (`held`) has as well, by repository."""
    sources = {one.name: one for one in held.repositories}
    pairs = [(one, sources[one.name]) for one in kept.repositories if one.name in sources]
    found = (_removal(there, here) for there, here in pairs)
    return tuple(one for one in found if one.manifests)


def staying_images(kept: Content, removals: Iterable[ContentRemoval]) -> tuple[str, ...]:
    """Return the repositories below the prefix that keep something, by their names at the target."""
    whole = {one.repository for one in removals if one.whole}
    return tuple(
        kept.names.to_target(one.name)
        for one in kept.repositories
        if one.name not in whole and not one.name.startswith(AT_TARGET) and one.manifests
    )


def state_of(repository: Repository) -> tuple[str, ...]:
    """Return all tags and digests, to compare before the removal."""
    tags = (f"{tag.name}={tag.digest}" for tag in repository.tags)
    return tuple(sorted((*tags, *(one.digest for one in repository.manifests))))


def _removal(there: Repository, here: Repository) -> ContentRemoval:
    ours = _removed_digests(there, here)
    manifests = index_by_digest(there)
    order = sorted(ours, key=lambda one: (not manifests[one].subject, not manifests[one].children, one))
    tags = tuple(tag.name for tag in there.tags if tag.digest in ours)
    references = {**{one.digest: one.attributes for one in there.manifests}, **_tag_attributes(there)}
    wanted = {*ours, *tags}
    whole = ours == manifests.keys()
    return ContentRemoval(
        repository=there.name,
        manifests=tuple(order),
        tags=tags,
        whole=whole,
        locks=(
            *(() if there.attributes == UNLOCKED else ("",)),
            *(name for name, attributes in references.items() if name in wanted and attributes != UNLOCKED),
        ),
        seen=state_of(there),
    )


def _tag_attributes(repository: Repository) -> dict[str, Attributes]:
    return {tag.name: tag.attributes for tag in repository.tags}


def _removed_digests(there: Repository, here: Repository) -> set[str]:
    """Return the digests of both that nothing else at the target needs: no tag, index or referrer of others.

    Scan findings and our own proofs go with the image that they refer to.
    """
    manifests, at_source = index_by_digest(there), {one.digest for one in here.manifests}
    beside = scan_findings(there.manifests) | proofs_of_moves(there.manifests)
    same_tags = {(tag.name, tag.digest) for tag in here.tags}
    foreign = manifests.keys() - at_source - beside
    foreign |= {tag.digest for tag in there.tags if (tag.name, tag.digest) not in same_tags}
    foreign |= _locked_by_others(there, here)
    pending, stays = list(foreign & manifests.keys()), set[str]()
    while pending:
        digest = pending.pop()
        if digest in stays:
            continue
        stays.add(digest)
        subject = manifests[digest].subject
        needed = {*descendants(manifests, digest), *([subject] if subject else [])}
        pending += [one for one in needed if one in manifests]
    going = manifests.keys() - stays - beside
    while more := {one for one in beside - going if manifests[one].subject in going}:
        going |= more
    return going


def _locked_by_others(there: Repository, here: Repository) -> set[str]:
    """Return the digests with locks that are not the source's: somebody wants them to stay."""
    if there.attributes not in {UNLOCKED, here.attributes}:
        return {one.digest for one in there.manifests}
    attributes = {one.digest: one.attributes for one in here.manifests}
    tags = _tag_attributes(here)
    locked = {one.digest for one in there.manifests if one.attributes not in {UNLOCKED, attributes.get(one.digest)}}
    return locked | {tag.digest for tag in there.tags if tag.attributes not in {UNLOCKED, tags.get(tag.name)}}


def child_removals(target: Registry, brought: Iterable[str]) -> tuple[str, ...]:
    """Return the ids of the target's children to delete, those first that others name. `brought`: in lower case."""
    order = list(reversed(REWRITES))
    ours = {one.lower() for one in brought}
    found = [(one.kind, child_id(target, one.kind, one.name)) for one in target.children if one.kind in REWRITES]
    kept = [(kind, path) for kind, path in found if path.lower() in ours]
    return tuple(path for _, path in sorted(kept, key=lambda pair: (order.index(pair[0]), pair[1])))


def child_id(registry: Registry, kind: str, name: str) -> str:
    """Return the id of a child of the registry."""
    between = "/providers/Microsoft.Insights" if kind == "diagnosticSettings" else ""
    return f"{registry.id}{between}/{kind}/{name}"


def own_actions(actions: Iterable[CutOverAction], theirs: Iterable[CutOverAction]) -> tuple[CutOverAction, ...]:
    """Return the actions to take back, without those that the other sources need, and those of the whole registry."""
    needed = {key for action in theirs for key in _keys(action)}
    return tuple(
        action for action in actions if action.kind not in OF_THE_REGISTRY and needed.isdisjoint(_keys(action))
    )


def _keys(action: CutOverAction) -> Iterator[str]:
    """Yield the resource of the action and, for a role, its holder: its name is another one for each source."""
    yield action.id
    body = action.call.body.get("properties") or {}
    if "roleDefinitionId" in body:
        fills = [fill.call.path for fill in action.fills]
        scope = action.call.path.lower().partition("/providers/microsoft.authorization/")[0]
        yield f"{scope} {body['roleDefinitionId']} {body.get('principalId')} {body.get('condition')} {fills}".lower()


def uses_only_others(entry: Dependency, around: Surroundings, server: str, others: tuple[str, ...]) -> bool:
    """Return whether the user of the target names images there, and all of them are other sources'."""
    named = re.compile(rf"{re.escape(server)}/([a-z0-9._/-]+)", re.IGNORECASE)
    rows = [
        row
        for part in (around.naming, around.sites, around.batch_pools, around.downstream, around.clusters)
        if isinstance(part, tuple)
        for row in part
        if str(row.get("id") or "").lower() == entry.id.lower()
    ]
    images = [found for _, text in texts_in(rows) for found in named.findall(text)]
    ran = around.running.get(entry.id.lower(), ())
    images += list(ran) if isinstance(ran, tuple) else []
    return bool(images) and all(image.startswith(others) for image in images)


def in_words(removal: ContentRemoval, name: str) -> str:
    """Return the removal for a person. `name`: the repository's at the target."""
    return name if removal.whole else f"{len(removal.manifests)} manifests of {name}"


def child_in_words(path: str) -> str:
    """Return `kind/name` of a child."""
    return "/".join(path.rsplit("/", 2)[1:])
