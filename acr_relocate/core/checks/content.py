"""Checks of what the source holds: what cannot be imported as it is."""

from collections.abc import Iterator
from typing import Final

from acr_relocate.core.checks.evidence import Evidence, Unknown
from acr_relocate.core.findings import Finding
from acr_relocate.core.inventory import Content, Manifest, Repository
from acr_relocate.core.selection import IMPORT_LIMIT, plan_travel, selected

SCHEMA1: Final = frozenset(
    {
        "application/vnd.docker.distribution.manifest.v1+json",
        "application/vnd.docker.distribution.manifest.v1+prettyjws",
    }
)


def listing_incomplete(evidence: Evidence) -> Iterator[Finding]:
    """The source's content could not be listed to the end. That is never taken for an empty registry."""
    if isinstance(evidence.content, Unknown):
        yield Finding(
            code="listing_incomplete",
            severity="blocker",
            message=f"The content of {evidence.source.name} could not be listed: {evidence.content.reason}",
            remedy="Run from where the registry can be reached, with an identity that may list and read it.",
            resource=evidence.source.id,
        )


def index_beyond_import_limit(evidence: Evidence) -> Iterator[Finding]:
    """An index holds more manifests than importImage takes."""
    for repository in _selected(evidence):
        travel = plan_travel(repository, evidence.request.selection)
        for digest in sorted(travel.oversized):
            yield Finding(
                code="index_beyond_import_limit",
                severity="decision",
                message=f"{repository.name}@{digest} holds {len(travel.inside(digest))} manifests; "
                f"an import takes {IMPORT_LIMIT}.",
                remedy="Its manifests are imported one by one. Push the index itself afterwards: crane copy.",
                resource=f"{repository.name}@{digest}",
            )


def schema1_manifest(evidence: Evidence) -> Iterator[Finding]:
    """An image is in Docker's first format, which newer runtimes no longer pull and Azure may not import."""
    for repository, manifest in _manifests(evidence):
        if manifest.media_type in SCHEMA1:
            yield Finding(
                code="schema1_manifest",
                severity="warning",
                message=f"{repository.name}@{manifest.digest} is a schema 1 image; its import may fail.",
                remedy="Pull and push it again with a current client, or leave it behind.",
                resource=f"{repository.name}@{manifest.digest}",
            )


def read_locked(evidence: Evidence) -> Iterator[Finding]:
    """A repository or manifest may not be read, so it cannot be imported."""
    for repository in _selected(evidence):
        if not repository.attributes.read_enabled:
            yield _read_locked(repository.name, f"--repository {repository.name}", evidence)
    for repository, manifest in _manifests(evidence):
        if not manifest.attributes.read_enabled:
            image = f"{repository.name}@{manifest.digest}"
            yield _read_locked(image, f"--image {image}", evidence)


def _read_locked(what: str, argument: str, evidence: Evidence) -> Finding:
    return Finding(
        code="read_locked",
        severity="decision",
        message=f"{what} has readEnabled=false: it cannot be pulled, and so not imported.",
        remedy=f"az acr repository update --name {evidence.source.name} {argument} --read-enabled true",
        resource=what,
    )


def _selected(evidence: Evidence) -> Iterator[Repository]:
    if isinstance(evidence.content, Content):
        yield from selected(evidence.content, evidence.request.selection)


def _manifests(evidence: Evidence) -> Iterator[tuple[Repository, Manifest]]:
    for repository in _selected(evidence):
        for manifest in repository.manifests:
            yield repository, manifest
