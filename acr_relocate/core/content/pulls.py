"""Recent pulls by the source's own logs: the selection may ask for their images alone.

What the logs cannot tell is kept: without logs, with logs that begin later, or where it was pushed since.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from collections.abc import Set as AbstractSet
from dataclasses import replace
from datetime import datetime

from acr_relocate.core.content.manifest_graph import descendants, index_by_digest
from acr_relocate.core.content.selection import RepositoryCopies, copy_roots, selected_content
from acr_relocate.core.model import FrozenModel
from acr_relocate.core.registry.inventory import Content, Manifest, Repository
from acr_relocate.core.request.selection import Selection


class PullLog(FrozenModel):
    """The pulls that the logs of a registry show: `repository@digest` and `repository:tag`.

    `begins`: the first entry of the logs, of any kind.
    """

    begins: datetime
    pulled: frozenset[str] = frozenset()


class PullCounts(FrozenModel):
    """Content that a selection of the recently pulled leaves out, and content kept because its pulls are unknown.

    `unused`: tags without a pull, and `unused_bytes` the size of what is left out with them, at most.
    """

    unused: int = 0
    unused_bytes: int = 0
    unknown: int = 0
    reason: str = ""


NO_PULLS_ASKED = PullCounts()


def with_pulls(content: Content, log: PullLog | None, since: datetime, reason: str = "") -> Content:
    """Return the content, each manifest with whether it was pulled since. `reason`: why there is no log."""
    if log is None:
        return content.model_copy(update={"pulls_unknown": reason})
    covers = log.begins <= since
    reason = "" if covers else f"the log begins at {log.begins:%Y-%m-%d %H:%M}"
    marked = tuple(_marked(one, log.pulled, since, covers=covers) for one in content.repositories)
    return content.model_copy(update={"repositories": marked, "pulls_unknown": reason})


def _marked(repository: Repository, pulled: AbstractSet[str], since: datetime, *, covers: bool) -> Repository:
    manifests = index_by_digest(repository)
    seen = {digest for digest in manifests if f"{repository.name}@{digest}" in pulled}
    seen |= {tag.digest for tag in repository.tags if f"{repository.name}:{tag.name}" in pulled}
    used = seen | {digest for digest in manifests if not seen.isdisjoint(descendants(manifests, digest))}
    pushed = {tag.digest for tag in repository.tags if tag.updated is None or tag.updated >= since}

    def state(manifest: Manifest) -> bool | None:
        if manifest.digest in used:
            return True
        is_new = manifest.digest in pushed or manifest.updated is None or manifest.updated >= since
        return None if is_new or not covers else False

    found = tuple(replace(one, pulled=state(one)) for one in repository.manifests)
    return repository.model_copy(update={"manifests": found})


def count_pulls(content: Content, selection: Selection, copies: RepositoryCopies | None = None) -> PullCounts:
    """Return the counts for the source's content. `copies`: its selected repositories with their imports, if known."""
    if not selection.pulled_since:
        return NO_PULLS_ASKED
    whole = selected_content(content, selection.model_copy(update={"pulled_since": ""}))
    moved = selected_content(content, selection)
    known = Counter[bool | None]()
    for repository, travel in copies or copy_roots(content, selection):
        known.update(travel.manifests[tag.digest].pulled for tag in repository.tags if tag.digest in travel.tags)
    return PullCounts(
        unused=whole.tag_count - moved.tag_count,
        unused_bytes=whole.size_bytes - moved.size_bytes,
        unknown=known[None],
        reason=content.pulls_unknown,
    )


def images_in_use(held: Content, running: Iterable[tuple[str, ...]], pulled: AbstractSet[str]) -> list[str]:
    """Return those of the held images that clusters run (`repository:tag`) or that were pulled (by tag or digest)."""
    used = {image for ran in running for image in ran} | pulled
    tags = {f"{one.name}:{tag.name}" for one in held.repositories for tag in one.tags}
    digests = {f"{one.name}@{manifest.digest}" for one in held.repositories for manifest in one.manifests}
    return sorted(used & (tags | digests))
