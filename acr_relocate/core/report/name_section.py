"""The section of a plan about keeping the login server's name: steps, downtime, and who notices what."""

from __future__ import annotations

from acr_relocate.core.documents.document import BulletList, Cell, Section, Table, Text, section
from acr_relocate.core.plan.name_keeping import DowntimePart, NameKeeping
from acr_relocate.core.wording import duration, plural


def name_section(kept: NameKeeping | None) -> tuple[Section, ...]:
    """Return the section; nothing for a relocation to another name."""
    if kept is None:
        return ()
    images = (
        f"Images in use: {plural(kept.used_images, 'image')} that clusters ran lately, by their logs."
        if kept.used_images
        else "No log shows which images are in use, so all of them count as used."
    )
    noticed = tuple((Cell(one.who), one.what) for one in kept.noticed)
    return section(
        "Keeping the name",
        Text(kept.advice),
        BulletList(kept.steps, numbered=True),
        _downtime(kept),
        Text(images),
        Table(("who", "notices"), noticed),
    )


def _downtime(kept: NameKeeping) -> Table:
    rows = [
        *(_row(part) for part in (*kept.before, kept.used)),
        _total("No pull of images in use", kept.used_seconds),
        _row(kept.everything),
        _total("No pull of the last image", kept.all_seconds),
    ]
    return Table(("while the name is free", "least", "most", "why"), tuple(rows))


def _row(part: DowntimePart) -> tuple[str | Cell, ...]:
    return Cell(part.what), duration(part.least_seconds), duration(part.longest_seconds), part.basis


def _total(what: str, seconds: tuple[float, float]) -> tuple[str | Cell, ...]:
    least, longest = seconds
    return Cell(what), duration(least), duration(longest), "the sum"
