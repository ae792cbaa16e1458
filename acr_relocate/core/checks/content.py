"""Checks of the source's content: artifacts that cannot be imported as they are, or would change."""

from collections.abc import Iterator
from typing import Final

from acr_relocate.core.checks.check import Violation, check
from acr_relocate.core.content.broken import broken_in
from acr_relocate.core.content.copy_roots import IMPORT_LIMIT
from acr_relocate.core.content.import_ledger import needed_by
from acr_relocate.core.content.manifest_graph import index_by_digest
from acr_relocate.core.content.selection import selected
from acr_relocate.core.evidence.evidence import Evidence
from acr_relocate.core.registry.inventory import Content, Manifest, Repository

SCHEMA1: Final = frozenset(
    {
        "application/vnd.docker.distribution.manifest.v1+json",
        "application/vnd.docker.distribution.manifest.v1+prettyjws",
    }
)
# The formats that ACR supports (D/container-registry-image-formats.md): Docker's second format, OCI images and indexes.
IMPORTABLE: Final = frozenset(
    {
        "application/vnd.docker.distribution.manifest.v2+json",
        "application/vnd.docker.distribution.manifest.list.v2+json",
        "application/vnd.oci.image.manifest.v1+json",
        "application/vnd.oci.image.index.v1+json",
    }
)
_GIB: Final = 2**30
LARGE_GIB: Final = 50
_SHOWN: Final = 5


@check("note")
def index_beyond_import_limit(evidence: Evidence) -> Iterator[Violation]:
    """An index holds more manifests than importImage takes: they are imported one by one, and the index is pushed.

    Source: F12; D/container-registry-import-images.md: "maximum number of manifests for an imported image is 50".
    """
    for repository, travel in evidence.copies:
        for digest in sorted(travel.oversized):
            inside = len(travel.inside(digest))
            yield Violation(
                f"{repository.name}@{digest} holds {inside} manifests; an import takes {IMPORT_LIMIT}.",
                f"Each of the {inside} is imported alone; then the index is pushed, which takes the right to push.",
                f"{repository.name}@{digest}",
            )


@check("warning")
def schema1_manifest(evidence: Evidence) -> Iterator[Violation]:
    """An image is in Docker's first format, which newer runtimes no longer pull and Azure may not import.

    Source: F11.
    """
    for repository, manifest in _manifests(evidence):
        if manifest.media_type in SCHEMA1:
            image = f"{repository.name}@{manifest.digest}"
            yield Violation(
                f"{image} is a schema 1 image; its import may fail.",
                f"Push it again in a current format: skopeo copy --format v2s2 docker://{evidence.source.login_server}/"
                f"{image} docker://{evidence.source.login_server}/{repository.name}:TAG",
                image,
            )


@check("warning")
def media_type_not_importable(evidence: Evidence) -> Iterator[Violation]:
    """A manifest has a media type that Azure does not list as importable.

    Source: F11; D/container-registry-image-formats.md.
    """
    for repository, manifest in _manifests(evidence):
        if manifest.media_type not in IMPORTABLE | SCHEMA1:
            image = f"{repository.name}@{manifest.digest}"
            yield Violation(
                f"{image} is of the media type {manifest.media_type or '(none given)'}; its import may fail.",
                f"If it does: oras cp {evidence.source.login_server}/{image} {target_host(evidence)}/{repository.name}",
                image,
            )


@check("warning")
def foreign_layers(evidence: Evidence) -> Iterator[Violation]:
    """An image has layers that are not in the registry, but on a server that its manifest names.

    Source: D/container-registry-faq.yml; oras-project/oras-go#319. The behaviour of an import is not documented.
    """
    for repository, manifest in _manifests(evidence):
        if manifest.foreign_layers:
            image = f"{repository.name}@{manifest.digest}"
            yield Violation(
                f"{image} has foreign layers; its import may fail or leave them behind.",
                "Push it again with them, from a daemon with allow-nondistributable-artifacts: docker push "
                f"{evidence.source.login_server}/{repository.name}:TAG",
                image,
            )


@check("decision")
def quarantined(evidence: Evidence) -> Iterator[Violation]:
    """An image is in quarantine: until it is released it cannot be pulled or imported.

    Source: F45; ACR/docs/preview/quarantine/readme.md.
    """
    for repository, manifest in _manifests(evidence):
        if manifest.quarantine and manifest.quarantine.lower() != "passed":
            image = f"{repository.name}@{manifest.digest}"
            yield Violation(
                f"{image} is in quarantine ({manifest.quarantine}).",
                f"Release it with a role that may (AcrQuarantineWriter), or leave it behind: curl -X PATCH "
                f"https://{evidence.source.login_server}/acr/v1/{repository.name}/_manifests/{manifest.digest} "
                '-d \'{"quarantineState": "Passed"}\'',
                image,
            )


@check("decision")
def read_locked(evidence: Evidence) -> Iterator[Violation]:
    """A repository, manifest or tag may not be read, so it cannot be imported.

    Source: F45; D/container-registry-image-lock.md.
    """
    for repository in selected_repositories(evidence):
        locked = [f"--image {repository.name}:{tag.name}" for tag in repository.tags if not tag.attributes.read_enabled]
        locked += [
            f"--image {repository.name}@{manifest.digest}"
            for manifest in repository.manifests
            if not manifest.attributes.read_enabled
        ]
        if not repository.attributes.read_enabled:
            locked.insert(0, f"--repository {repository.name}")
        for argument in locked:
            what = argument.partition(" ")[2]
            yield Violation(
                f"{what} has readEnabled=false: it cannot be pulled, and so not imported.",
                f"az acr repository update --name {evidence.source.name} {argument} --read-enabled true",
                what,
            )


@check("decision")
def tag_conflict(evidence: Evidence) -> Iterator[Violation]:
    """A tag names another digest at the target than at the source.

    Source: F2; imports never overwrite a tag unless forced.
    """
    if not isinstance(evidence.content, Content) or not isinstance(evidence.target_content, Content):
        return
    request = evidence.request
    for conflict in needed_by(
        request, evidence.content, evidence.target_content, evidence.brought, evidence.copies
    ).conflicts:
        image = f"{conflict.repository}:{conflict.tag}"
        yield Violation(
            f"{image} is {conflict.source_digest} at the source and {conflict.target_digest} at the target.",
            f"To move it: force: true in the request, or az acr repository untag --name {request.target.name} "
            f"--image {image}",
            image,
        )


@check("warning")
def index_misses_manifests(evidence: Evidence) -> Iterator[Violation]:
    """An index lists manifests that are missing in its repository: it can be neither pulled whole nor imported.

    Source: F5, F10.
    """
    for repository, manifest in _manifests(evidence):
        absent = set(manifest.children) - index_by_digest(repository).keys() if manifest.children else set()
        if absent:
            image = f"{repository.name}@{manifest.digest}"
            yield Violation(
                f"{image} is broken at the source: it lists {len(absent)} manifests that are not there: "
                f"{', '.join(sorted(absent)[:_SHOWN])}",
                f"The rest of it is imported. Push all of it again, or continue without it: accept_broken: [{image}]",
                image,
            )


@check("warning")
def tag_without_manifest(evidence: Evidence) -> Iterator[Violation]:
    """A tag names a manifest that is missing in its repository: it can be neither pulled nor imported.

    Source: F10; Azure/acr#631.
    """
    for repository, travel in evidence.copies:
        for found in broken_in(repository, travel):
            if found.kind == "tag_without_manifest":
                yield Violation(found.reason[:1].upper() + found.reason[1:], found.remedy, found.label)


@check("warning")
def count_drifts(evidence: Evidence) -> Iterator[Violation]:
    """A repository counts more than it lists, also in another order: something is hidden, or the count is wrong.

    Source: Azure/acr#631, Azure/azure-cli#7438.
    """
    for repository, travel in evidence.copies:
        for found in broken_in(repository, travel):
            if found.kind == "count_drifts":
                remedy = found.remedy.replace("--name SOURCE", f"--name {evidence.source.name}")
                yield Violation(found.reason[:1].upper() + found.reason[1:], remedy, repository.name)


@check("note")
def build_cache_left_out(evidence: Evidence) -> Iterator[Violation]:
    """A BuildKit registry cache is not moved, because builds recreate it. It is an index over blobs, not an image.

    Source: moby/buildkit#1143, containers/image#2210.
    """
    for repository in selected_repositories(evidence):
        caches = [manifest for manifest in repository.manifests if manifest.is_build_cache]
        for manifest in caches if not evidence.request.selection.build_caches else ():
            tags = ", ".join(tag.name for tag in repository.tags if tag.digest == manifest.digest)
            image = f"{repository.name}@{manifest.digest}"
            yield Violation(
                f"{image} ({tags or 'untagged'}) is a build cache of BuildKit. It stays behind.",
                "Nothing: the next build makes it again, at the target. To carry it all the same: selection: "
                "build_caches: true",
                image,
            )


@check("note")
def referrer_without_subject(evidence: Evidence) -> Iterator[Violation]:
    """A signature, SBOM or the like refers to an image that is not there any more. It is moved all the same.

    Source: F13.
    """
    for repository in selected_repositories(evidence):
        held = {manifest.digest for manifest in repository.manifests}
        for manifest in repository.manifests:
            if manifest.subject and manifest.subject not in held:
                image = f"{repository.name}@{manifest.digest}"
                yield Violation(
                    f"{image} refers to {manifest.subject}, which is not there.",
                    f"If it is waste: az acr manifest delete --registry {evidence.source.name} --name {image}",
                    image,
                )


@check("note")
def large_image(evidence: Evidence) -> Iterator[Violation]:
    """An image is so large that its import may take longer than the request waits for one.

    Source: F4; Azure names no bandwidth.
    """
    minutes = evidence.request.import_timeout_minutes
    for repository, manifest in _manifests(evidence):
        gib = manifest.size / _GIB
        if gib > LARGE_GIB and not manifest.children:
            yield Violation(
                f"{repository.name}@{manifest.digest} has {gib:,.0f} GiB; an import may take {minutes} minutes.",
                f"import_timeout_minutes: {max(120, 2 * minutes)}",
                f"{repository.name}@{manifest.digest}",
            )


def selected_repositories(evidence: Evidence) -> Iterator[Repository]:
    """Yield the selected repositories, as far as they are known."""
    if isinstance(evidence.content, Content):
        yield from selected(evidence.content, evidence.request.selection)


def target_host(evidence: Evidence) -> str:
    """Return the target's expected login server: in the source's cloud, and without a hash."""
    return f"{evidence.request.target.name}.{evidence.source.login_server.partition('.')[2]}"


def _manifests(evidence: Evidence) -> Iterator[tuple[Repository, Manifest]]:
    if isinstance(evidence.content, Content) and evidence.request.selection.is_everything:
        for repository in selected_repositories(evidence):
            for manifest in repository.manifests:
                yield repository, manifest
    elif isinstance(evidence.content, Content):
        for repository, travel in evidence.copies:
            copied = travel.digests
            yield from ((repository, one) for one in repository.manifests if one.digest in copied)
