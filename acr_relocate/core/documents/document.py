"""A document: what is said, apart from how it looks. Text may have `code` in back quotes; nothing else is markup."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Literal

Tone = Literal["good", "bad", "plain"]


@dataclass(frozen=True)
class Cell:
    """A cell with a line of its own below: a name, and where that is."""

    main: str
    below: str = ""


@dataclass(frozen=True)
class Table:
    """Rows under a header. A cell is text, or a name with a line below."""

    header: tuple[str, ...]
    rows: tuple[tuple[str | Cell, ...], ...]


@dataclass(frozen=True)
class Text:
    """A paragraph."""

    text: str


@dataclass(frozen=True)
class BulletList:
    """A list; numbered where order matters."""

    items: tuple[str, ...]
    numbered: bool = False


@dataclass(frozen=True)
class Code:
    """Something to paste, with what it is for."""

    text: str
    language: str = "bash"
    title: str = ""


@dataclass(frozen=True)
class Advice:
    """Something found, how grave it is, and what to do about it: a sentence, or lines to paste."""

    tag: str
    text: str
    remedy: str = ""


@dataclass(frozen=True)
class AdviceList:
    """Remarks, the gravest first."""

    entries: tuple[Advice, ...]


@dataclass(frozen=True)
class Details:
    """Details, closed until somebody opens them."""

    title: str
    table: Table


@dataclass(frozen=True)
class Diagram:
    """A picture, in the two languages of our readers."""

    mermaid: str
    svg: str


Block = Table | Text | BulletList | Code | AdviceList | Details | Diagram


@dataclass(frozen=True)
class Section:
    """A section."""

    title: str
    blocks: tuple[Block, ...]


@dataclass(frozen=True)
class Document:
    """A document, verdict first. `notice` is what nobody may overlook, such as which Azure this is."""

    title: str
    tone: Tone
    lead: tuple[Block, ...]
    sections: tuple[Section, ...]
    notice: str = ""
    facts: tuple[tuple[str, str], ...] = field(default=())


def section(title: str, *blocks: Block | None) -> tuple[Section, ...]:
    """Return the section with the blocks that say something, or nothing."""
    said = tuple(block for block in blocks if block is not None and not _is_empty(block))
    return (Section(title, said),) if said else ()


def without_diagrams(document: Document) -> Document:
    """Return the document for a reader who sees no pictures."""
    sections = (
        Section(one.title, tuple(b for b in one.blocks if not isinstance(b, Diagram))) for one in document.sections
    )
    return replace(document, sections=tuple(sections))


def _is_empty(block: Block) -> bool:
    match block:
        case Table(rows=said) | Details(table=Table(rows=said)) | BulletList(items=said) | AdviceList(entries=said):
            return not said
        case Text(text=text) | Code(text=text) | Diagram(svg=text):
            return not text
