"""The selected content of a registry, and its imports: one by one, or inside an index."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from acr_relocate.core.content.copy_roots import CopyRoots, plan_copy_roots
from acr_relocate.core.registry.image_references import matching_references, parse_reference
from acr_relocate.core.registry.inventory import Content, Repository
from acr_relocate.core.registry.rename_map import AS_AT_SOURCE, RenameMap
from acr_relocate.core.request.name_patterns import is_name, matches_any
from acr_relocate.core.request.selection import Selection


def selected_names(catalogue: Iterable[str], selection: Selection) -> tuple[str, ...]:
    """Return the repositories to read: the selected ones of the catalogue, and those named in full.

    A repository may hide from the catalogue (listEnabled=false); one that is named in full is read all the same.
    """
    pinned = {parse_reference(text).repository for text in selection.pinned}
    found = [name for name in catalogue if name in pinned or selects(name, selection)]
    hidden = (name for name in selection.repositories if is_name(name) and selects(name, selection))
    return tuple(dict.fromkeys([*found, *hidden]))


def everything(selection: Selection, names: RenameMap = AS_AT_SOURCE) -> Selection:
    """Return the selection of all content of a registry, with the hidden repositories that this one names in full.

    `names`: how the registry calls them.
    """
    named = (names.to_target(one) if is_name(one) else one for one in selection.repositories)
    return Selection(repositories=["*", *named])


def selected(content: Content, selection: Selection) -> Iterator[Repository]:
    """Yield the repositories with possibly selected content, whole."""
    pinned = {reference.repository for reference in matching_references(selection.pinned, content.login_server)}
    for repository in content.repositories:
        if repository.name in pinned or selects(repository.name, selection):
            yield repository


RepositoryCopies = tuple[tuple[Repository, CopyRoots], ...]


def copy_roots(content: Content, selection: Selection) -> Iterator[tuple[Repository, CopyRoots]]:
    """Yield each repository with possibly selected content, and its imports."""
    pinned = matching_references(selection.pinned, content.login_server)
    only_pinned = selection.model_copy(update={"tags": [], "untagged": False})
    for repository in selected(content, selection):
        here = selection if selects(repository.name, selection) else only_pinned
        yield repository, plan_copy_roots(repository, here, content.listed_at, pinned)


def selected_content(content: Content, selection: Selection) -> Content:
    """Return the selected content only; repositories without any are left out."""
    narrowed = (_narrowed(repository, travel) for repository, travel in copy_roots(content, selection))
    return content.model_copy(update={"repositories": tuple(one for one in narrowed if one.tags or one.manifests)})


def selects(name: str, selection: Selection) -> bool:
    """Return whether the repository is selected by its name, regardless of pinned images."""
    return matches_any(name, selection.repositories) and not matches_any(name, selection.exclude_repositories)


def _narrowed(repository: Repository, travel: CopyRoots) -> Repository:
    names = {name for names in travel.tags.values() for name in names}
    manifests = tuple(one for one in travel.manifests.values() if one.digest in travel.digests)
    return repository.model_copy(
        update={"manifests": manifests, "tags": tuple(tag for tag in repository.tags if tag.name in names)}
    )
