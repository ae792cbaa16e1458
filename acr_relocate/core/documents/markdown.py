"""Documents as Markdown, for Prefect's artifacts (a column of 580 pixels) and for terminals."""

from __future__ import annotations

from acr_relocate.core.documents.document import (
    Advice,
    AdviceList,
    Block,
    BulletList,
    Cell,
    Code,
    Details,
    Diagram,
    Document,
    Section,
    Table,
    Text,
    without_diagrams,
)
from acr_relocate.core.documents.markdown_parts import bounded_table, fenced, plain
from acr_relocate.core.documents.markdown_parts import document as joined


def to_markdown(document: Document, *, diagrams: bool = True) -> str:
    """Return the document. Diagrams are Mermaid blocks, which the Prefect UI draws; a terminal gets none."""
    if not diagrams:
        document = without_diagrams(document)
    facts = _table(Table(("", ""), document.facts)) if document.facts else ""
    lead = [_block(block) for block in document.lead]
    notice = f"**{plain(document.notice)}**" if document.notice else ""
    return joined(f"# {plain(document.title)}", notice, *lead, facts, *map(_section, document.sections))


def _section(section: Section) -> str:
    return "\n\n".join([f"## {plain(section.title)}", *map(_block, section.blocks)])


def _block(block: Block) -> str:  # noqa: PLR0911 - one for each kind of block
    match block:
        case Text(text):
            return plain(text)
        case BulletList(items, numbered):
            return "\n".join(
                f"{f'{number}.' if numbered else '-'} {plain(item)}" for number, item in enumerate(items, start=1)
            )
        case Table():
            return _table(block)
        case Code(text, language, title):
            code = fenced(text, language)
            return f"**{plain(title)}**\n\n{code}" if title else code
        case AdviceList(entries):
            return "\n".join(map(_remark, entries))
        case Details(title, folded):
            return f"<details>\n<summary><b>{plain(title)}</b></summary>\n\n{_table(folded)}\n\n</details>"
        case Diagram(mermaid):
            return fenced(mermaid, "mermaid")


def _remark(remark: Advice) -> str:
    """Return an item of a list: a resource id would make a table wider than the page."""
    remedy = remark.remedy.strip()
    if "\n" in remedy:
        lines = "\n".join(f"  {line}" for line in fenced(remedy).splitlines())
        return f"- **{remark.tag}**: {plain(remark.text)}\n\n{lines}\n"
    return f"- **{remark.tag}**: {plain(remark.text)}" + (f" *To do:* {plain(remedy)}" if remedy else "")


def _table(table: Table) -> str:
    return bounded_table([[_cell(cell) for cell in row] for row in table.rows], table.header)


def _cell(cell: str | Cell) -> str:
    if isinstance(cell, str):
        return cell
    return f"**{cell.main}**\n{cell.below}" if cell.below else f"**{cell.main}**"
