"""Documents as Markdown, for Prefect's artifacts (a column of 580 pixels) and for terminals."""

from __future__ import annotations

from acr_relocate.core.document import Block, Cell, Code, Document, Items, Picture, Section, Table, Text
from acr_relocate.core.markdown import at_most, table
from acr_relocate.core.markdown import document as joined


def to_markdown(document: Document) -> str:
    """Return the document. Pictures are Mermaid blocks, which the Prefect UI draws."""
    facts = table(("", ""), document.facts) if document.facts else ""
    lead = [_block(block) for block in document.lead]
    notice = f"> {document.notice}" if document.notice else ""
    return joined(f"# {document.title}", notice, *lead, facts, *map(_section, document.sections))


def _section(section: Section) -> str:
    body = "\n\n".join(_block(block) for block in section.blocks)
    if section.folded:
        return f"<details>\n<summary><b>{section.title}</b></summary>\n\n{body}\n\n</details>"
    return f"## {section.title}\n\n{body}"


def _block(block: Block) -> str:
    if isinstance(block, Text):
        return block.text
    if isinstance(block, Items):
        marks = (f"{number}." if block.numbered else "-" for number in range(1, len(block.items) + 1))
        return "\n".join(f"{mark} {item}" for mark, item in zip(marks, block.items, strict=True))
    if isinstance(block, Table):
        return at_most([[_cell(cell) for cell in row] for row in block.rows], block.header)
    if isinstance(block, Code):
        title = f"**{block.title}**\n\n" if block.title else ""
        return f"{title}```{block.language}\n{block.text}\n```"
    return _picture(block)


def _picture(picture: Picture) -> str:
    return f"```mermaid\n{picture.mermaid}\n```"


def _cell(cell: str | Cell) -> str:
    if isinstance(cell, str):
        return cell
    return f"**{cell.main}**\n{cell.below}" if cell.below else f"**{cell.main}**"
