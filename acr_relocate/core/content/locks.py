"""Locks and other attributes of the content: importImage does not carry them, so they are replayed afterwards."""

from collections.abc import Iterable, Iterator

from acr_relocate.core.content.import_plan import ImportItem
from acr_relocate.core.model import FrozenModel
from acr_relocate.core.registry.inventory import Attributes, Content, Repository


class AttributeChange(FrozenModel):
    """Attributes to set at the target. `reference` is a tag or a digest; empty: the repository itself."""

    repository: str
    reference: str
    attributes: Attributes

    @property
    def lifted(self) -> "AttributeChange":
        """Return the same change, with writing enabled."""
        return self.model_copy(update={"attributes": self.attributes.model_copy(update={"write_enabled": True})})

    @property
    def label(self) -> str:
        """Return `repository`, `repository:tag` or `repository@digest`."""
        if not self.reference:
            return self.repository
        return f"{self.repository}{'@' if ':' in self.reference else ':'}{self.reference}"


def lock_changes(want: Content, have: Content) -> tuple[AttributeChange, ...]:
    """Return the changes at the target that give all content of both registries the source's attributes.

    Repositories come after their content: in a repository that may not be written, nothing can be changed.
    """
    sources = {repository.name: repository for repository in want.repositories}
    pairs = [(sources[target.name], target) for target in have.repositories if target.name in sources]
    inside = [change for source, target in pairs for change in _inside(source, target)]
    outside = [
        AttributeChange(repository=source.name, reference="", attributes=source.attributes)
        for source, target in pairs
        if source.attributes != target.attributes
    ]
    return tuple(inside + outside)


def blocking_locks(items: Iterable[ImportItem], have: Content) -> tuple[AttributeChange, ...]:
    """Return the target's locks that would refuse these imports, as they are now; a repository before its tags.

    An earlier run set them as at the source: they must not block a later one.
    """
    tags: dict[str, set[str]] = {}
    for item in items:
        tags.setdefault(item.repository, set()).update(item.tags)
    return tuple(lock for held in have.repositories if held.name in tags for lock in _locks(held, tags[held.name]))


def _locks(repository: Repository, tags: set[str]) -> Iterator[AttributeChange]:
    if not repository.attributes.write_enabled:
        yield AttributeChange(repository=repository.name, reference="", attributes=repository.attributes)
    for tag in repository.tags:
        if tag.name in tags and not tag.attributes.write_enabled:
            yield AttributeChange(repository=repository.name, reference=tag.name, attributes=tag.attributes)


def _inside(source: Repository, target: Repository) -> list[AttributeChange]:
    wanted = _by_reference(source)
    return [
        AttributeChange(repository=source.name, reference=reference, attributes=wanted[reference])
        for reference, attributes in _by_reference(target).items()
        if reference in wanted and wanted[reference] != attributes
    ]


def _by_reference(repository: Repository) -> dict[str, Attributes]:
    manifests = {manifest.digest: manifest.attributes for manifest in repository.manifests}
    return manifests | {tag.name: tag.attributes for tag in repository.tags}
