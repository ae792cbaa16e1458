"""Locks: which of the target's stand in the way of an import, and what lifting them means."""

from acr_relocate.core.content.import_plan import ImportItem
from acr_relocate.core.content.locks import blocking_locks
from acr_relocate.core.registry.inventory import Attributes, Content, Repository, Tag

LOCKED = Attributes(write_enabled=False, delete_enabled=False)


def have(*repositories: Repository) -> Content:
    return Content(login_server="target.azurecr.io", repositories=repositories)


def item(repository: str, *tags: str) -> ImportItem:
    return ImportItem(repository=repository, digest="sha256:1", tags=tags)


def test_only_what_an_import_writes_to_is_in_the_way() -> None:
    """The repository, and tags that are moved; not other repositories, nor other tags."""
    tags = tuple(Tag(name=name, digest="sha256:2", attributes=LOCKED) for name in ("moved", "left"))
    held = have(
        Repository(name="app", attributes=LOCKED, tags=tags),
        Repository(name="other", attributes=LOCKED),
        Repository(name="deletable", attributes=Attributes(delete_enabled=False)),
    )

    locks = blocking_locks([item("app", "moved"), item("deletable", "1"), item("new", "1")], held)

    assert [(lock.label, lock.attributes) for lock in locks] == [("app", LOCKED), ("app:moved", LOCKED)]


def test_a_lifted_lock_may_be_written_and_is_otherwise_the_same() -> None:
    """Artifacts that may not be deleted still may not."""
    (lock,) = blocking_locks([item("app")], have(Repository(name="app", attributes=LOCKED)))

    assert lock.lifted.attributes == Attributes(write_enabled=True, delete_enabled=False)
