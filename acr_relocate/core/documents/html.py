"""Documents as one HTML file: no script, nothing loaded from anywhere, light and dark, fit for a printer."""

from __future__ import annotations

import re
from html import escape
from typing import Final

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
)
from acr_relocate.core.wording import visible

_STYLE: Final = """
:root{color-scheme:light dark;--ink:#1b2430;--muted:#5b6776;--page:#f5f7fa;--card:#ffffff;--line:#dde3ea;
--accent:#17406d;--code:#eef2f6;--good:#1f7a47;--good-soft:#e3f5ea;--bad:#b42318;--bad-soft:#fdeceb;--note:#fff6de;
--note-ink:#6a4b05}
@media (prefers-color-scheme:dark){:root{--ink:#e6ebf2;--muted:#9aa7b8;--page:#10151c;--card:#171e27;--line:#2c3644;
--accent:#8fc1ff;--code:#0e141b;--good:#6fcf97;--good-soft:#12291c;--bad:#ff9a92;--bad-soft:#331614;--note:#2c2510;
--note-ink:#f0d48a}}
*{box-sizing:border-box}
body{margin:0;background:var(--page);color:var(--ink);font:15px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,
"Helvetica Neue",Arial,sans-serif}
main{max-width:1240px;margin:0 auto;padding:32px 24px 64px}
h1{font-size:28px;line-height:1.25;margin:0 0 4px}
h2{font-size:19px;margin:0 0 14px}
section,header{background:var(--card);border:1px solid var(--line);border-radius:12px;padding:22px 24px;
margin:0 0 20px}
header{border-left:6px solid var(--muted)}
header.good{border-left-color:var(--good)}header.bad{border-left-color:var(--bad)}
header.good h1{color:var(--good)}header.bad h1{color:var(--bad)}
p{margin:0 0 12px;max-width:90ch}p:last-child{margin-bottom:0}
.notice{background:var(--note);color:var(--note-ink);border-radius:8px;padding:10px 14px;margin:0 0 20px;max-width:none}
.facts{display:grid;grid-template-columns:repeat(auto-fit,minmax(118px,1fr));gap:14px;margin:18px 0 0}
.facts div{border-top:2px solid var(--line);padding-top:8px}
.facts dt{color:var(--muted);font-size:13px}.facts dd{margin:0;font-size:18px;font-weight:600}
table{width:100%;border-collapse:collapse;font-size:14px}
th{text-align:left;color:var(--muted);font-weight:600;font-size:13px;border-bottom:2px solid var(--line)}
th,td{padding:8px 12px 8px 0;vertical-align:top;overflow-wrap:anywhere}
td{border-bottom:1px solid var(--line)}tr:last-child td{border-bottom:0}
.narrow td:first-child,.remarks td:first-child{width:1%;white-space:nowrap;padding-right:28px}
.remarks td{width:50%}table+p,table+table,figure+p,p+table,details+table{margin-top:18px}
td pre{margin:0;padding:8px 10px}
td small{display:block;color:var(--muted);font-size:12.5px}
ul,ol{margin:0;padding-left:22px}li{margin:0 0 6px}
code{background:var(--code);border-radius:4px;padding:1px 5px;font:13px/1.45 ui-monospace,SFMono-Regular,Menlo,Consolas,
"DejaVu Sans Mono",monospace;overflow-wrap:anywhere}
h3{font-size:15px;margin:18px 0 8px}
pre{background:var(--code);border-radius:8px;padding:14px 16px;margin:0 0 12px;white-space:pre-wrap;
overflow-wrap:anywhere;font:12.5px/1.55 ui-monospace,SFMono-Regular,Menlo,Consolas,"DejaVu Sans Mono",monospace}
details{border-top:1px solid var(--line);padding:12px 0 0;margin:12px 0 0}
summary{cursor:pointer;font-size:15px;font-weight:600}details[open] summary{margin-bottom:8px}
figure{margin:0 0 18px}figure svg{display:block;width:100%;height:auto}
.tag{display:inline-block;border-radius:99px;padding:1px 10px;font-size:12.5px;font-weight:600;white-space:nowrap;
background:var(--code);color:var(--muted)}
.tag.blocker,.tag.missing{background:var(--bad-soft);color:var(--bad)}
.tag.decision,.tag.warning,.tag.unknown{background:var(--note);color:var(--note-ink)}
.tag.met{background:var(--good-soft);color:var(--good)}
@media print{body{background:none}section,header{border:0;padding:0}tr,figure{break-inside:avoid-page}}
"""

_TAGS: Final = frozenset({"blocker", "decision", "warning", "note", "met", "missing", "later", "unknown"})


def to_html(document: Document) -> str:
    """Return the document as a complete page."""
    notice = f'<p class="notice">{_inline(document.notice)}</p>' if document.notice else ""
    facts = "".join(f"<div><dt>{_inline(name)}</dt><dd>{_inline(value)}</dd></div>" for name, value in document.facts)
    return "\n".join(
        [
            "<!doctype html>",
            '<html lang="en"><head><meta charset="utf-8">',
            '<meta name="viewport" content="width=device-width, initial-scale=1">',
            f"<title>{escape(visible(document.title))}</title><style>{_STYLE}</style></head><body><main>",
            notice,
            f'<header class="{document.tone}"><h1>{_inline(document.title)}</h1>',
            *map(_block, document.lead),
            f'<dl class="facts">{facts}</dl>' if facts else "",
            "</header>",
            *map(_section, document.sections),
            "</main></body></html>",
            "",
        ]
    )


def _section(section: Section) -> str:
    return f"<section><h2>{_inline(section.title)}</h2>{''.join(map(_block, section.blocks))}</section>"


def _block(block: Block) -> str:  # noqa: PLR0911 - one for each kind of block
    match block:
        case Text(text):
            return f"<p>{_inline(text)}</p>"
        case BulletList(items, numbered):
            tag = "ol" if numbered else "ul"
            return f"<{tag}>{''.join(f'<li>{_inline(item)}</li>' for item in items)}</{tag}>"
        case Table():
            return _table(block)
        case Code(text, _, title):
            heading = f"<h3>{_inline(title)}</h3>" if title else ""
            return f"{heading}<pre>{escape(visible(text), quote=False)}</pre>"
        case AdviceList(entries):
            rows = (
                f"<tr><td>{_cell(one.tag)}</td><td>{_inline(one.text)}</td><td>{_remedy(one)}</td></tr>"
                for one in entries
            )
            return f'<table class="remarks">{HEAD}<tbody>{"".join(rows)}</tbody></table>'
        case Details(title, folded):
            return f"<details><summary>{_inline(title)}</summary>{_table(folded)}</details>"
        case Diagram(_, svg):
            return f"<figure>{svg}</figure>"


HEAD: Final = "<thead><tr><th></th><th>what</th><th>what to do</th></tr></thead>"


def _remedy(remark: Advice) -> str:
    remedy = remark.remedy.strip()
    return f"<pre>{escape(visible(remedy), quote=False)}</pre>" if "\n" in remedy else _inline(remedy)


def _table(table: Table) -> str:
    head = "".join(f"<th>{_inline(name)}</th>" for name in table.header)
    body = "\n".join(f"<tr>{''.join(f'<td>{_cell(cell)}</td>' for cell in row)}</tr>" for row in table.rows)
    narrow = "" if table.header[0] else ' class="narrow"'
    return f"<table{narrow}><thead><tr>{head}</tr></thead><tbody>\n{body}\n</tbody></table>"


def _cell(cell: str | Cell) -> str:
    if isinstance(cell, Cell):
        below = f"<small>{_inline(cell.below)}</small>" if cell.below else ""
        return f"<b>{_inline(cell.main)}</b>{below}"
    return f'<span class="tag {cell}">{cell}</span>' if cell in _TAGS else _inline(cell)


def _inline(text: str) -> str:
    """Return text as HTML: back quotes mark code, lines stay lines, and everything else is escaped."""
    coded = _CODE.sub(r"<code>\1</code>", escape(visible(text), quote=False))
    return coded.replace("\n", "<br>")


_CODE: Final = re.compile(r"`([^`]+)`")
