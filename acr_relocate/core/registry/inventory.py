"""A snapshot of a registry: its settings in Azure Resource Manager, and its content."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any, Final

from pydantic import Field

from acr_relocate.core.errors import ListingIncomplete
from acr_relocate.core.model import FrozenModel, slots_model
from acr_relocate.core.registry.api_versions import ApiVersions
from acr_relocate.core.registry.rename_map import AS_AT_SOURCE, RenameMap
from acr_relocate.core.registry.resource_ids import ResourceId
from acr_relocate.core.registry.share import WHOLE, Share, with_setting
from acr_relocate.core.registry.spelling import says
from acr_relocate.core.wording import plural


class Attributes(FrozenModel):
    """The lock attributes of a repository, tag or manifest. Imports do not carry them."""

    delete_enabled: bool = True
    write_enabled: bool = True
    list_enabled: bool = True
    read_enabled: bool = True


UNLOCKED = Attributes()
BUILD_CACHE: Final = "application/vnd.buildkit.cacheconfig.v0"
"""The artifact type that we assign to BuildKit's registry caches: an index over blobs, one of them its config."""

MOVE_PROOF: Final = "application/vnd.acr-relocate.move.v1"
"""The artifact type of the proof of a move that `acr-relocate prove --attach` attaches to an image of the target."""

LONG_AGO: Final = datetime(1970, 1, 1, tzinfo=UTC)


@slots_model
class Tag:
    """A name for a digest. `updated`: when it was last pushed, moved or locked, if the registry says so."""

    name: str
    digest: str
    attributes: Attributes = UNLOCKED
    updated: datetime | None = None


@slots_model
class Manifest:
    """One manifest: an image, an index of images, or any other artifact.

    `children` are the digests that an index lists. `subject` is the digest that a referrer (a signature, an SBOM)
    refers to. Its tags are in `Repository.tags`. `quarantine` is Azure's state (`Passed`, `Quarantined`, ...), or
    empty. `foreign_layers`: whether a layer is stored elsewhere; read for Windows images only, because no others have
    such layers. `updated` is as of a tag. `scanner` is the vulnerability scanner that appended it to its subject, if
    it is a scan finding. `pulled`: whether the registry's logs show a pull of it since the time that the selection
    names; None if that is not asked, or unknown.
    """

    digest: str
    media_type: str = ""
    size: int = 0
    attributes: Attributes = UNLOCKED
    subject: str | None = None
    children: tuple[str, ...] = ()
    artifact_type: str | None = None
    quarantine: str = ""
    foreign_layers: bool = False
    updated: datetime | None = None
    scanner: str = ""
    pulled: bool | None = None

    @property
    def is_build_cache(self) -> bool:
        """Return whether it is a BuildKit registry cache, which builds recreate."""
        return self.artifact_type == BUILD_CACHE

    @property
    def is_move_proof(self) -> bool:
        """Return whether it is a proof of a move, attached to the image that it refers to."""
        return bool(self.subject) and self.artifact_type == MOVE_PROOF


class Repository(FrozenModel):
    """A repository with all its manifests, tagged or not, and all its tags.

    `unaccounted`: in words, what it counts but does not list in any order; mostly empty.
    """

    name: str
    unaccounted: str = ""
    attributes: Attributes = UNLOCKED
    manifests: tuple[Manifest, ...] = ()
    tags: tuple[Tag, ...] = ()

    @property
    def size_bytes(self) -> int:
        """Return an upper bound in bytes: layers that images share are counted with each."""
        return sum(manifest.size for manifest in self.manifests if not manifest.children)


class Content(FrozenModel):
    """The content of a registry. `listed_at`: its time, for selections such as "the last 30 days".

    `not_listed`: repositories of the catalogue that were not read, because they are not selected. `names`: how the
    registry itself calls the repositories, which have the source's names here. `pulls_unknown`: why the logs do not
    say what was pulled, if the selection asks for that.
    """

    login_server: str
    repositories: tuple[Repository, ...] = ()
    listed_at: datetime = LONG_AGO
    not_listed: tuple[str, ...] = ()
    names: RenameMap = AS_AT_SOURCE
    pulls_unknown: str = ""

    @property
    def tag_count(self) -> int:
        """Return the number of tags in all repositories."""
        return sum(len(repository.tags) for repository in self.repositories)

    @property
    def manifest_count(self) -> int:
        """Return the number of manifests in all repositories, those inside an index included."""
        return sum(len(repository.manifests) for repository in self.repositories)

    @property
    def size_bytes(self) -> int:
        """Return an upper bound in bytes: layers that images share are stored once but counted with each."""
        return sum(repository.size_bytes for repository in self.repositories)


class Child(FrozenModel):
    """A child resource of a registry, as GET shows it. `kind` is its type's last segment, such as `webhooks`."""

    kind: str
    name: str
    location: str | None = None
    properties: dict[str, Any] = Field(default_factory=dict)
    identity: dict[str, Any] | None = None
    tags: dict[str, str] = Field(default_factory=dict)


class Registry(FrozenModel):
    """A registry's settings, merged from a stable and a preview api-version. Never holds a secret.

    `unread`: parts that could not be read, such as a kind of child, and why. They may exist all the same.
    `regions`: of the outside resources that its settings name, by resource id in lower case, as far as Azure shows.
    `api_versions`: those that it was read at, and that its counterpart is written at. `share`: its part in a target
    with several sources.
    """

    id: str
    name: str
    location: str
    sku: str
    login_server: str
    identity: dict[str, Any] | None = None
    tags: dict[str, str] = Field(default_factory=dict)
    properties: dict[str, Any] = Field(default_factory=dict)
    children: tuple[Child, ...] = ()
    unread: dict[str, str] = Field(default_factory=dict)
    regions: dict[str, str] = Field(default_factory=dict)
    api_versions: ApiVersions = ApiVersions()
    share: Share = WHOLE

    @property
    def as_decided(self) -> Registry:
        """Return the registry with the settings that its target gets from other sources."""
        changed: dict[str, Any] = {"properties": self.properties, "tags": dict(self.tags)}
        for name, value in self.share.decided.items():
            if name in {"sku", "identity"}:
                changed[name] = value
            elif name.startswith("tags."):
                changed["tags"] |= {name.removeprefix("tags."): value}
            else:
                changed["properties"] = with_setting(changed["properties"], name, value)
        return self.model_copy(update=changed) if self.share.decided else self

    def children_of(self, kind: str) -> tuple[Child, ...]:
        """Return the children of one kind, such as `webhooks`."""
        return tuple(child for child in self.children if child.kind == kind)

    @property
    def uses_abac(self) -> bool:
        """Return whether it uses repository permissions, in which AcrPull and the like have no effect."""
        return says(self.properties.get("roleAssignmentMode"), "AbacRepositoryPermissions")

    @property
    def subscription_id(self) -> str:
        """Return the subscription in the resource id."""
        return ResourceId(self.id).subscription

    @property
    def resource_group(self) -> str:
        """Return the resource group in the resource id."""
        return ResourceId(self.id).group


def summarise(content: Content) -> str:
    """Return the amount of content in words."""
    counts = {"repository": len(content.repositories), "tag": content.tag_count, "manifest": content.manifest_count}
    return ", ".join(plural(count, what) for what, count in counts.items())


class RepositoryCounts(FrozenModel):
    """A registry's own counts of a repository (`GET /acr/v1/{name}`)."""

    repository: str
    manifests: int
    tags: int


def cross_check(content: Content, counts: Iterable[RepositoryCounts]) -> None:
    """Raise ListingIncomplete with the gaps unless everything that the registry counts has been listed.

    `counts` has one entry per repository of the catalogue. A listing with more than was counted is complete: a push
    came in between. A tag whose manifest was not listed is a gap.
    """
    listed = {repository.name: repository for repository in content.repositories}
    gaps = [gap for count in counts for gap in gaps_of(listed.get(count.repository), count)]
    gaps += [gap for repository in content.repositories for gap in _dangling(repository)]
    if gaps:
        raise ListingIncomplete(
            f"Listing {content.login_server} did not return everything: {'; '.join(gaps[:_SHOWN])}"
            + (f"; and {len(gaps) - _SHOWN} more" if len(gaps) > _SHOWN else ""),
            resource=content.login_server,
            remedy="List again. If it stays so, items may be hidden: set listEnabled=true on them.",
        )


_SHOWN = 5


def gaps_of(listed: Repository | None, count: RepositoryCounts) -> list[str]:
    """Return the gaps of the listing against the counts."""
    if listed is None:
        return [f"repository {count.repository} is in the catalogue but was not listed"]
    pairs = (("manifests", len(listed.manifests), count.manifests), ("tags", len(listed.tags), count.tags))
    return [f"{count.repository} has {there} {what}, {seen} listed" for what, seen, there in pairs if seen < there]


def _dangling(repository: Repository) -> list[str]:
    digests = {manifest.digest for manifest in repository.manifests}
    return [
        f"{repository.name}:{tag.name} names {tag.digest}, which was not listed"
        for tag in repository.tags
        if tag.digest not in digests
    ]
