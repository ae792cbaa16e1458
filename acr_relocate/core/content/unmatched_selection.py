"""Parts of a selection that match nothing in a registry."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

from acr_relocate.core.content.selection import RepositoryCopies, copy_roots, selected
from acr_relocate.core.findings import Finding
from acr_relocate.core.registry.image_references import ImageReference, matching_references
from acr_relocate.core.registry.inventory import Content
from acr_relocate.core.request.name_patterns import matches_any
from acr_relocate.core.request.relocation import RelocationRequest
from acr_relocate.core.request.selection import ALL, Selection
from acr_relocate.core.request.version_ranges import is_in_range

EMPTY: Final = "selection_is_empty"
EMPTY_REMEDY: Final = (
    "Correct `selection` in the request. If nothing is to be imported, set `allow_empty: true` there, or pass "
    "--allow-empty. To move the settings alone, set `content: false`."
)


def find_empty_selection(
    content: Content, request: RelocationRequest, copies: RepositoryCopies | None = None
) -> tuple[Finding, ...]:
    """Return a blocker if the request selects nothing of a source that has images, and does not allow that.

    An empty registry gives no finding. `content`: the listed part of the source. `copies`: its selected repositories
    with their imports, where they are known already.
    """
    if request.selection == Selection():  # everything; content it leaves out has a finding of its own
        return ()
    has_content = bool(content.not_listed) or any(one.manifests for one in content.repositories)
    if request.allow_empty or not has_content:
        return ()
    if any(travel.digests or travel.tags for _, travel in copies or copy_roots(content, request.selection)):
        return ()
    name = request.source.name
    message = f"The selection matches nothing in {name}, which has images."
    return (
        Finding(
            code=EMPTY, severity="blocker", message=message, remedy=EMPTY_REMEDY, resource=request.source.resource_id
        ),
    )


def idle_parts(content: Content, selection: Selection) -> Iterator[tuple[str, str, list[str]]]:
    """Yield each field of the selection with parts that match nothing: its name, the kind of match, the parts.

    Excluded repositories are not judged: their content has not been listed.
    """
    repositories = [repository.name for repository in content.repositories]
    tags = {tag.name for repository in selected(content, selection) for tag in repository.tags}
    for field, what, patterns, names in (
        ("repositories", "repository", selection.repositories, repositories),
        ("tags", "tag", selection.tags, tags),
        ("exclude_tags", "tag", selection.exclude_tags, tags),
    ):
        if patterns != ALL and (idle := _idle(patterns, names)):
            yield field, what, idle
    if selection.versions and not any(is_in_range(tag, selection.versions) for tag in tags):
        yield "versions", "tag", [selection.versions]
    if gone := [
        str(pin) for pin in matching_references(selection.pinned, content.login_server) if not _is_there(pin, content)
    ]:
        yield "pinned", "image", gone


def _idle(patterns: Iterable[str], names: Iterable[str]) -> list[str]:
    return [pattern for pattern in patterns if not any(matches_any(name, [pattern]) for name in names)]


def _is_there(pin: ImageReference, content: Content) -> bool:
    repository = next((one for one in content.repositories if one.name == pin.repository), None)
    if repository is None:
        return False
    if pin.digest:
        return any(manifest.digest == pin.digest for manifest in repository.manifests)
    return any(tag.name == pin.tag for tag in repository.tags)
