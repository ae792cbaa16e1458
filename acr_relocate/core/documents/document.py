"""A document: content without layout. Text may have `code` in back quotes and no other markup."""

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
    """Text to paste, with its purpose."""

    text: str
    language: str = "bash"
    title: str = ""


@dataclass(frozen=True)
class Advice:
    """A finding, its severity, and the remedy: a sentence, or lines to paste."""

    tag: str
    text: str
    remedy: str = ""


@dataclass(frozen=True)
class AdviceList:
    """Remarks, the gravest first."""

    entries: tuple[Advice, ...]


@dataclass(frozen=True)
class Details:
    """Details, collapsed by default."""

    title: str
    table: Table


@dataclass(frozen=True)
class Diagram:
    """A picture, as Mermaid and as SVG."""

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
    """A document, verdict first. `notice` must not be overlooked, such as which Azure this is."""

    title: str
    tone: Tone
    lead: tuple[Block, ...]
    sections: tuple[Section, ...]
    notice: str = ""
    facts: tuple[tuple[str, str], ...] = field(default=())


def section(title: str, *blocks: Block | None) -> tuple[Section, ...]:
    """Return the section with its non-empty blocks, or nothing."""
    said = tuple(block for block in blocks if block is not None and not _is_empty(block))
    return (Section(title, said),) if said else ()


def without_diagrams(document: Document) -> Document:
    """Return the document without pictures."""
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
