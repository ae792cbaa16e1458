"""Checks of management locks, which apply to everybody, whatever their role."""

from collections.abc import Iterator

from acr_relocate.core.checks.check import Violation, check
from acr_relocate.core.checks.pending import pending_findings
from acr_relocate.core.evidence.azure_facts import Lock
from acr_relocate.core.evidence.evidence import Evidence


@check("blocker")
def read_only_lock(evidence: Evidence) -> Iterator[Violation]:
    """A ReadOnly lock is on the source or the target: Azure refuses every POST and PUT below it, imports too.

    Source: F44.
    """
    webhooks = evidence.source.children_of("webhooks")
    for lock in _locks(evidence, "ReadOnly"):
        on_target = _covers(lock, evidence.request.target_id)
        if on_target or webhooks:
            why = "nothing can be deployed there" if on_target else "the addresses of its webhooks cannot be read"
            message = f"Lock {lock.name} on {lock.scope} is ReadOnly: {why}."
            yield Violation(message, f"Remove it for the relocation: {_unlock(lock)}", lock.scope)


@check("note")
def delete_lock_on_source(evidence: Evidence) -> Iterator[Violation]:
    """A CanNotDelete lock is on the source: it can be moved, but not deleted afterwards.

    Source: F44. The lock is not part of the registry, so the deployment does not create it at the target.
    """
    for lock in _locks(evidence, "CanNotDelete"):
        if _covers(lock, evidence.source.id) and not _covers(lock, evidence.request.target_id):
            message = (
                f"Lock {lock.name} on {lock.scope} keeps the source from being deleted; the target has no such lock."
            )
            remedy = (
                f"az lock create --name {lock.name} --lock-type CanNotDelete --resource {evidence.request.target_id}\n"
                f"# Before the source is deleted:\n{_unlock(lock)}"
            )
            yield Violation(message, remedy, lock.scope)


@check("warning")
def delete_lock_on_target(evidence: Evidence) -> Iterator[Violation]:
    """A CanNotDelete lock is on the target's group: a rollback cannot delete anything there; old deployments stay.

    Source: F44, F58.
    """
    for lock in _locks(evidence, "CanNotDelete"):
        if _covers(lock, evidence.request.target_id):
            message = (
                f"Lock {lock.name} on {lock.scope}: resources that are created at the target cannot be deleted again."
            )
            yield Violation(message, f"To be able to undo, remove it until the end: {_unlock(lock)}", lock.scope)


@check("warning")
def source_is_frozen(evidence: Evidence) -> Iterator[Violation]:
    """A final pass froze the source and was killed: its repositories stay locked until they are released.

    Source: the record of the freeze in Azure. Its locks are neither put on the target nor compared.
    """
    yield from _of_restores(evidence, "source_is_frozen")


@check("warning")
def target_is_frozen(evidence: Evidence) -> Iterator[Violation]:
    """The removal of the target was killed: its repositories stay locked until they are released.

    Source: the record of the freeze in Azure.
    """
    yield from _of_restores(evidence, "target_is_frozen")


@check("warning")
def deletion_not_undone(evidence: Evidence) -> Iterator[Violation]:
    """A deletion of the source was killed: locks, roles or logs that it removed are not restored yet.

    Source: the record of them in Azure. The next run that writes restores them.
    """
    yield from _of_restores(evidence, "deletion_not_undone")


@check("warning")
def replica_not_removed(evidence: Evidence) -> Iterator[Violation]:
    """An import was killed: the replica of the source that it made in the target's region is still there, and billed.

    Source: the record of the replica in Azure.
    """
    yield from _of_restores(evidence, "replica_not_removed")


@check("decision")
def source_looks_frozen(evidence: Evidence) -> Iterator[Violation]:
    """All repositories of the source are locked as a freeze would, without a record of a freeze.

    Source: D/container-registry-image-lock.md. Azure does not show whether they are intended.
    """
    yield from _of_restores(evidence, "source_looks_frozen")


def _of_restores(evidence: Evidence, code: str) -> Iterator[Violation]:
    for found in pending_findings(evidence.source.id, evidence.content, evidence.pending):
        if found.code == code:
            yield Violation(found.message, found.remedy, found.resource)


def _locks(evidence: Evidence, level: str) -> Iterator[Lock]:
    if isinstance(evidence.locks, tuple):
        yield from (lock for lock in evidence.locks if lock.level == level)


def _covers(lock: Lock, resource_id: str) -> bool:
    return f"{resource_id}/".lower().startswith(f"{lock.scope}/".lower())


def _unlock(lock: Lock) -> str:
    return f"az lock delete --ids {lock.scope}/providers/Microsoft.Authorization/locks/{lock.name}"
