"""Freeze the source for a final pass: lock its repositories against pushes and deletions, then restore them.

A repository lock covers every tag and manifest in it (Azure's documentation of locks). It does not prevent a push to a
new repository: the comparison of both sides finds such a push.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated, Final, Self

from pydantic import StringConstraints, model_validator

from acr_relocate.core.content.selection import selected
from acr_relocate.core.content.source_replica import PendingReplica
from acr_relocate.core.findings import Finding
from acr_relocate.core.model import FrozenModel, Restorable
from acr_relocate.core.registry.inventory import UNLOCKED, Attributes, Content
from acr_relocate.core.registry.resource_ids import ResourceId
from acr_relocate.core.request.selection import Selection
from acr_relocate.core.wording import plural

PAGE: Final = 2_500
"""Repositories in one record: with names of 256 characters it stays below the size of one (restore_record.LARGEST)."""


class FrozenRepository(FrozenModel):
    """A repository that is locked for a final pass, with its earlier attributes."""

    repository: Annotated[str, StringConstraints(max_length=256, pattern=r"^[A-Za-z0-9]+([._/-]+[A-Za-z0-9]+)*$")]
    attributes: Attributes = Attributes()

    @model_validator(mode="after")
    def _was_changed(self) -> FrozenRepository:
        if {"..", "."} & set(self.repository.split("/")):
            raise ValueError("the name of the repository leads elsewhere")
        if at_rest(self.attributes) == self.attributes:
            raise ValueError("a repository that was locked already is not frozen")
        return self


class PendingFreeze(FrozenModel):
    """A freeze of ours that was not released: its run, its start (Azure's clock) and its repositories."""

    since: str
    freeze: SourceFreeze

    @property
    def message(self) -> str:
        """Return the message for every place that reports it."""
        registry = ResourceId(self.freeze.registry_id).name
        return (
            f"{registry} is frozen by {self.freeze.taken_by or 'a last pass'} since {self.since}, and not released: "
            f"{plural(len(self.freeze.before), 'repository')} locked against pushes and deletions."
        )


class SourceFreeze(Restorable):
    """The repositories locked at the source for a final pass, each with its earlier attributes."""

    record_kind = "freeze"
    login_server: Annotated[str, StringConstraints(max_length=120, pattern=r"^[A-Za-z0-9.-]+$")]
    before: tuple[FrozenRepository, ...] = ()

    def pages(self) -> tuple[Self, ...]:
        """Return the freeze in parts of some thousand repositories."""
        starts = range(0, len(self.before), PAGE)
        return tuple(self.model_copy(update={"before": self.before[start : start + PAGE]}) for start in starts)


class PendingRestores(FrozenModel):
    """The changes that killed runs left: freezes of both registries, a sentence for each deletion, replicas."""

    freezes: tuple[PendingFreeze, ...] = ()
    target_freezes: tuple[PendingFreeze, ...] = ()
    deletions: tuple[str, ...] = ()
    replicas: tuple[PendingReplica, ...] = ()

    @property
    def messages(self) -> tuple[str, ...]:
        """Return a sentence for each."""
        freezes = (each.message for each in (*self.freezes, *self.target_freezes))
        return (*freezes, *self.deletions, *(each.message for each in self.replicas))


NOTHING_PENDING: Final = PendingRestores()


def plan_freeze(registry_id: str, content: Content, selection: Selection, taken_by: str = "") -> SourceFreeze:
    """Return the selected repositories that may still be changed; locked ones stay as they are."""
    return SourceFreeze(
        registry_id=registry_id.lower(),
        taken_by=taken_by,
        login_server=content.login_server,
        before=tuple(
            FrozenRepository(repository=repository.name, attributes=repository.attributes)
            for repository in selected(content, selection)
            if at_rest(repository.attributes) != repository.attributes
        ),
    )


THAW: Final = "The next run that writes gives them back. To do it now, on any machine: acr-relocate thaw REQUEST"
LOOKS_FROZEN: Final = (
    "All {count} repositories of {host} are locked against pushes and deletions, as a last pass locks them, but there "
    "is no record of a freeze. Are these locks the owner's? They are neither put on the target nor compared."
)
UNFREEZE: Final = (
    "If they are to stay, lock the repositories of the target in the same way after the relocation. If they are not "
    "wanted: az acr repository update --name {name} --repository REPOSITORY --write-enabled true --delete-enabled true"
)
RESTORE_CODES: Final = ("source_is_frozen", "target_is_frozen", "deletion_not_undone", "replica_not_removed")
"""The findings about changes of killed runs that are not restored."""
FEWEST: Final = 3
"""So many locked repositories look like a freeze; one or two are more likely the owner's."""


def looks_frozen(content: Content) -> bool:
    """Return whether the locks look like a freeze: every repository locked, each in the way that a freeze does it."""
    repositories = content.repositories
    return len(repositories) >= FEWEST and all(one.attributes == at_rest(UNLOCKED) for one in repositories)


def own_state(content: Content, freezes: Iterable[SourceFreeze], target: Content) -> Content:
    """Return the source's content with its own locks: as before the recorded freezes.

    Locks that only look like a freeze are a decision for a person. Until then the repositories are treated as locked
    like those of the target, so that the locks are neither copied nor compared.
    """
    known = as_before(content, *freezes)
    if not looks_frozen(known):
        return known
    there = {one.name: one.attributes for one in target.repositories}
    alike = (one.model_copy(update={"attributes": there.get(one.name, UNLOCKED)}) for one in known.repositories)
    return known.model_copy(update={"repositories": tuple(alike)})


def restore_findings(registry_id: str, content: Content, pending: PendingRestores) -> tuple[Finding, ...]:
    """Return the findings about what killed runs left changed, and about locks that look like a freeze.

    `registry_id`, `content`: of the source.
    """
    owed = [
        *(("source_is_frozen", each.freeze.registry_id, each.message) for each in pending.freezes),
        *(("target_is_frozen", each.freeze.registry_id, each.message) for each in pending.target_freezes),
        *(("deletion_not_undone", registry_id, each) for each in pending.deletions),
        *(("replica_not_removed", each.replica.id, each.message) for each in pending.replicas),
    ]
    found = [
        Finding(code=code, severity="warning", message=message, remedy=THAW, resource=resource)
        for code, resource, message in owed
    ]
    if looks_frozen(as_before(content, *(each.freeze for each in pending.freezes))):
        found.append(
            Finding(
                code="source_looks_frozen",
                severity="decision",
                message=LOOKS_FROZEN.format(count=len(content.repositories), host=content.login_server),
                remedy=UNFREEZE.format(name=content.login_server.partition(".")[0]),
                resource=content.login_server,
            )
        )
    return tuple(found)


def as_before(content: Content, *freezes: SourceFreeze) -> Content:
    """Return the frozen content with its repositories' earlier attributes, to which they will be restored."""
    before = {frozen.repository: frozen.attributes for freeze in freezes for frozen in freeze.before}
    return content.model_copy(
        update={
            "repositories": tuple(
                one.model_copy(update={"attributes": before.get(one.name, one.attributes)})
                for one in content.repositories
            )
        }
    )


def at_rest(attributes: Attributes) -> Attributes:
    """Return the attributes that prevent changes and leave everything readable."""
    return attributes.model_copy(update={"write_enabled": False, "delete_enabled": False})
