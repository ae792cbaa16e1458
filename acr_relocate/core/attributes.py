"""Locks and other attributes of the content: importImage does not carry them, so they are replayed afterwards."""

from acr_relocate.core.inventory import Attributes, Content, Repository
from acr_relocate.core.model import Frozen


class AttributeChange(Frozen):
    """Attributes to set at the target. `reference` is a tag or a digest; empty: the repository itself."""

    repository: str
    reference: str
    attributes: Attributes

    @property
    def label(self) -> str:
        """`repository`, `repository:tag` or `repository@digest`."""
        if not self.reference:
            return self.repository
        return f"{self.repository}{'@' if ':' in self.reference else ':'}{self.reference}"


def to_replay(want: Content, have: Content) -> tuple[AttributeChange, ...]:
    """What to change at the target so that all that both registries hold has the source's attributes.

    Repositories come after what is in them: a repository that may not be written may not be changed inside either.
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
