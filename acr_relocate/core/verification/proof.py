"""The proof of a move: an in-toto statement with the digests of all that was moved, and the comparison with it.

Source: https://github.com/in-toto/attestation (Statement v1).
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any, Final

from pydantic import Field, ValidationError

from acr_relocate.core.content.selection import selected_content
from acr_relocate.core.errors import InvalidRequest
from acr_relocate.core.model import FrozenModel
from acr_relocate.core.registry.inventory import Content, Registry, Repository
from acr_relocate.core.registry.rename_map import RenameMap
from acr_relocate.core.request.identity import relocation_id
from acr_relocate.core.request.relocation import RelocationRequest
from acr_relocate.core.verification.compare import SnapshotPair
from acr_relocate.core.verification.differences import Difference, difference

PAYLOAD_TYPE: Final = "application/vnd.in-toto+json"
_STATEMENT: Final = "https://in-toto.io/Statement/v1"
_PREDICATE: Final = "urn:acr-relocate:move:v1"
_DELETED: Final = "It was deleted at the target after the proof was made."
_MOVED: Final = "The tag was pushed or deleted at the target after the proof was made."


class RegistryIdentifiers(FrozenModel):
    """A registry as a proof names it."""

    id: str
    login_server: str
    location: str


class MovedRepository(FrozenModel):
    """The moved content of a repository: all digests, parts of indexes included, and each tag with its digest.

    `name`: at the target. `source_name`: at the source, if that is another.
    """

    name: str
    source_name: str = ""
    manifests: tuple[str, ...]
    tags: dict[str, str] = Field(default_factory=dict)


class MoveStatement(FrozenModel):
    """The facts of a move: both registries, whose content was equal at `compared_at`.

    `compared_by`: the object and application ids of the identity that compared them. `relocation`: the id in the
    target's tag `acr-relocate-plan`. `version`: of acr-relocate.
    """

    relocation: str
    source: RegistryIdentifiers
    target: RegistryIdentifiers
    compared_at: datetime
    compared_by: tuple[str, ...]
    version: str
    repositories: tuple[MovedRepository, ...]


def state_move(
    request: RelocationRequest,
    pair: SnapshotPair,
    *,
    compared_at: datetime,
    compared_by: tuple[str, ...],
    version: str,
) -> MoveStatement:
    """Return the statement on the selected content of the source, which was compared with the target's.

    Artifacts that are broken at the source, which the request accepts, are not at the target and not in the statement.
    """
    there = {repository.name: repository for repository in pair.target.content.repositories}
    selected = selected_content(pair.source.content, request.selection).repositories
    moved = [_moved(one, there[one.name], request.names) for one in sorted(selected, key=_name) if one.name in there]
    return MoveStatement(
        relocation=relocation_id(request),
        source=_identifiers(pair.source.registry),
        target=_identifiers(pair.target.registry),
        compared_at=compared_at,
        compared_by=compared_by,
        version=version,
        repositories=tuple(one for one in moved if one.manifests),
    )


def _name(repository: Repository) -> str:
    return repository.name


def _identifiers(registry: Registry) -> RegistryIdentifiers:
    return RegistryIdentifiers(id=registry.id, login_server=registry.login_server, location=registry.location)


def _moved(source: Repository, target: Repository, names: RenameMap) -> MovedRepository:
    digests = {manifest.digest for manifest in source.manifests} & {manifest.digest for manifest in target.manifests}
    tags = {tag.name: tag.digest for tag in source.tags if tag.digest in digests}
    name = names.to_target(source.name)
    return MovedRepository(
        name=name,
        source_name=source.name if source.name != name else "",
        manifests=tuple(sorted(digests)),
        tags=dict(sorted(tags.items())),
    )


def to_in_toto(statement: MoveStatement) -> bytes:
    """Return the statement as in-toto JSON, with each moved manifest as a subject."""
    subjects = [
        {
            "name": f"{statement.target.login_server}/{repository.name}@{digest}",
            "digest": dict([digest.split(":", 1)]),
        }
        for repository in statement.repositories
        for digest in repository.manifests
    ]
    predicate = statement.model_dump(mode="json")
    told = {"_type": _STATEMENT, "subject": subjects, "predicateType": _PREDICATE, "predicate": predicate}
    return json.dumps(told, separators=(",", ":"), ensure_ascii=False).encode()


def from_in_toto(payload: bytes) -> MoveStatement:
    """Return the statement. Raises InvalidRequest if it is another one, or its subjects are not its content."""
    try:
        told: dict[str, Any] = json.loads(payload)
        if (told["_type"], told["predicateType"]) != (_STATEMENT, _PREDICATE):
            raise InvalidRequest(f"The proof is a statement of another type: {str(told['predicateType'])[:100]}")
        statement = MoveStatement.model_validate(told["predicate"])
    except (ValueError, ValidationError, KeyError, TypeError):
        raise InvalidRequest("The proof is no statement about a move") from None
    if json.loads(to_in_toto(statement))["subject"] != told.get("subject"):
        raise InvalidRequest("The subjects of the proof are not the content that it lists")
    return statement


def compare_with_proof(statement: MoveStatement, content: Content) -> tuple[Difference, ...]:
    """Return a difference for each manifest or tag of the proof that the registry no longer has as stated."""
    there = {repository.name: repository for repository in content.repositories}
    return tuple(
        found
        for repository in statement.repositories
        for found in _compare_repository(repository, there.get(repository.name))
    )


def _compare_repository(stated: MovedRepository, found: Repository | None) -> Iterator[Difference]:
    if found is None:
        what = f"repository {stated.name} is missing ({len(stated.manifests)} manifests, {len(stated.tags)} tags)"
        yield difference("repository", stated.name, what, repository=stated.name, cause=_DELETED)
        return
    digests = {manifest.digest for manifest in found.manifests}
    for digest in stated.manifests:
        if digest not in digests:
            what = f"{stated.name}@{digest} is missing"
            yield difference("manifest", digest, what, repository=stated.name, sides=(digest, ""), cause=_DELETED)
    yield from _compare_tags(stated, {tag.name: tag.digest for tag in found.tags})


def _compare_tags(stated: MovedRepository, now: Mapping[str, str]) -> Iterator[Difference]:
    for name, digest in stated.tags.items():
        if now.get(name) != digest:
            what = f"{stated.name}:{name} is {now.get(name) or 'missing'}, not {digest}"
            yield difference("tag", name, what, repository=stated.name, sides=(digest, now.get(name, "")), cause=_MOVED)
