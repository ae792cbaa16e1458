"""The part of the request that selects the content to move. `wanted_tags` applies it."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Annotated, Any, Final

from pydantic import AfterValidator, BeforeValidator, Field

from acr_relocate.core.model import FormModel
from acr_relocate.core.registry.image_references import image_reference
from acr_relocate.core.request.name_patterns import any_pattern, repository_pattern, tag_pattern, type_pattern
from acr_relocate.core.request.version_ranges import version_range

ALL: Final = ["*"]
LONGEST_DAYS: Final = 36500


def _as_text(value: Any) -> Any:
    """Convert to text: YAML reads a day as a date and a number of days as a number."""
    return str(value) if isinstance(value, date | int) and not isinstance(value, bool) else value


def _all_or_none(value: Any) -> Any:
    """Read true as everything, and false as nothing."""
    return {True: list(ALL), False: []}.get(value, value) if isinstance(value, bool) else value


def _moment(text: str) -> str:
    text = text.strip()
    if text.removesuffix("d").isdecimal():
        text = text.removesuffix("d")
    if text.isdecimal() and 0 < int(text) <= LONGEST_DAYS:
        return text
    try:
        return text and datetime.fromisoformat(text).isoformat()
    except ValueError:
        raise ValueError(f'"{text}" is neither a date such as 2026-01-31 nor a number of days such as 30') from None


RepositoryPattern = Annotated[str, AfterValidator(repository_pattern)]
TypePattern = Annotated[str, AfterValidator(type_pattern)]
TagPattern = Annotated[str, AfterValidator(tag_pattern)]
VersionRange = Annotated[str, AfterValidator(version_range)]
Moment = Annotated[str, BeforeValidator(_as_text), AfterValidator(_moment)]
Accepted = Annotated[list[Annotated[str, AfterValidator(any_pattern)]], BeforeValidator(_all_or_none)]
ImageList = list[Annotated[str, AfterValidator(image_reference)]]


class Selection(FormModel):
    """The selected content of the source. The default is all of it."""

    repositories: list[RepositoryPattern] = Field(
        default=["*"],
        min_length=1,
        title="Repositories",
        description="Names, patterns such as team-a/*, or regular expressions between slashes such as "
        "/team-[ab]/.*/. A * also matches slashes.",
    )
    exclude_repositories: list[RepositoryPattern] = Field(
        default=[],
        title="But not these repositories",
        description="Names, patterns or /regular expressions/ of repositories to leave out.",
    )
    tags: list[TagPattern] = Field(
        default=["*"],
        title="Tags",
        description="Names, patterns such as v1.*, or /regular expressions/. An empty list: no tag, only what else is "
        "selected.",
    )
    exclude_tags: list[TagPattern] = Field(
        default=[],
        title="But not these tags",
        description="Names, patterns or /regular expressions/ of tags to leave out, such as *-nightly.",
    )
    versions: VersionRange = Field(
        default="",
        title="Versions",
        description="Only tags that are versions in this range, such as >=1.2 <2 or ^1.4. Empty: all tags. 1.27-alpine "
        "counts as 1.27.0; 2.0.0-rc.1 is a pre-release, in a range only if that names one.",
    )
    newest: int = Field(
        default=0,
        title="Newest tags",
        strict=True,  # or `true` would be 1
        ge=0,
        description="Only so many tags of each repository, the last updated ones. 0: all of them.",
    )
    since: Moment = Field(
        default="",
        title="Updated since",
        description="Only what was pushed or updated since: a date such as 2026-01-31, or a number of days such as 30. "
        "Empty: of any age.",
    )
    pulled_since: Moment = Field(
        default="",
        title="Pulled since",
        description="Only content pulled since then, by the source's logs in Log Analytics: a date, or a number of "
        "days. Content without a log is kept. Empty: all content.",
    )
    pinned: ImageList = Field(
        default=[],
        title="Always these images",
        description="Images to move in any case, such as those that clusters run now: team/app:1.2 or "
        "team/app@sha256:…, with or without the registry. Those of other registries are ignored.",
    )
    untagged: bool = Field(
        default=True,
        title="Untagged manifests",
        description="Also move manifests without a tag, so that references by digest still work.",
    )
    untagged_days: int = Field(
        default=0,
        title="Untagged manifests of the last days",
        strict=True,
        ge=0,
        le=LONGEST_DAYS,
        description="Only untagged manifests that are younger than so many days. 0: of any age.",
    )
    referrers: bool = Field(
        default=True,
        title="Referrers",
        description="Also move signatures, SBOMs and attestations of moved images.",
    )
    referrer_types: list[TypePattern] = Field(
        default=["*"],
        min_length=1,
        title="Types of referrers",
        description="Only referrers of these artifact types: names, patterns such as application/spdx*, or /regular "
        "expressions/.",
    )
    exclude_referrer_types: list[TypePattern] = Field(
        default=[],
        title="But not these types of referrers",
        description="Artifact types to leave out, such as those of artifact streaming.",
    )
    scan_findings: bool = Field(
        default=False,
        title="Findings of Microsoft Defender",
        description="Also move the scan findings that Microsoft Defender has appended to images. Off: the target's "
        "own Defender recreates them; they are neither copied nor compared.",
    )

    build_caches: bool = Field(
        default=False,
        title="Build caches",
        description="Also move caches of BuildKit (--cache-to type=registry), which builds recreate. Needs the "
        "right to push; their bytes go through the worker.",
    )

    @property
    def narrows_tags(self) -> bool:
        """Return whether some tag may be left out."""
        times = self.since or self.pulled_since
        return bool(self.tags != ALL or self.exclude_tags or self.versions or self.newest or times)

    @property
    def is_everything(self) -> bool:
        """Return whether all content of a repository is selected."""
        return self.untagged and not self.untagged_days and self.referrers and not self.narrows_tags

    def begins(self, now: datetime) -> datetime | None:
        """Return the earliest allowed update time of content, seen from `now`."""
        return _beginning(self.since, now)

    def pulls_begin(self, now: datetime) -> datetime | None:
        """Return the time since which content has to be pulled, seen from `now`; None for pulled or not."""
        return _beginning(self.pulled_since, now)

    def untagged_begins(self, now: datetime) -> datetime | None:
        """Return the earliest allowed update time of an untagged manifest."""
        days = now - timedelta(days=self.untagged_days) if self.untagged_days else None
        return max(filter(None, (days, self.begins(now))), default=None)


def _beginning(moment: str, now: datetime) -> datetime | None:
    if not moment:
        return None
    if moment.isdecimal():
        return now - timedelta(days=int(moment))
    begins = datetime.fromisoformat(moment)
    return begins if begins.tzinfo else begins.replace(tzinfo=UTC)
