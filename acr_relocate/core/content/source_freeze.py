"""The source at rest for a last pass: its repositories locked against pushes and deletions, and then as they were.

A lock of a repository holds for every tag and manifest in it (Azure's documentation of locks). It does not keep anybody
from pushing to a repository that is not there yet: what came that way shows when both sides are compared.
"""

from __future__ import annotations

from acr_relocate.core.content.locks import AttributeChange
from acr_relocate.core.content.selection import selected
from acr_relocate.core.model import Restorable
from acr_relocate.core.registry.inventory import Attributes, Content
from acr_relocate.core.request.selection import Selection


class SourceFreeze(Restorable):
    """What is locked at the source for a last pass, each repository with the attributes that it had before."""

    record_kind = "freeze"
    login_server: str
    before: tuple[AttributeChange, ...] = ()


def to_freeze(registry_id: str, content: Content, selection: Selection) -> SourceFreeze:
    """Return the selected repositories that may still be changed; those that are locked are left as they are."""
    return SourceFreeze(
        registry_id=registry_id.lower(),
        login_server=content.login_server,
        before=tuple(
            AttributeChange(repository=repository.name, reference="", attributes=repository.attributes)
            for repository in selected(content, selection)
            if at_rest(repository.attributes) != repository.attributes
        ),
    )


def as_before(content: Content, freeze: SourceFreeze) -> Content:
    """Return the frozen content with the attributes that its repositories had before and are given back afterwards."""
    before = {change.repository: change.attributes for change in freeze.before}
    return content.model_copy(
        update={
            "repositories": tuple(
                one.model_copy(update={"attributes": before.get(one.name, one.attributes)})
                for one in content.repositories
            )
        }
    )


def at_rest(attributes: Attributes) -> Attributes:
    """Return the attributes with which nothing changes and all can be read as before."""
    return attributes.model_copy(update={"write_enabled": False, "delete_enabled": False})
