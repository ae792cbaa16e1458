"""A hook of mkdocs: links from a page to a file of the repository that is not a page become plain code.

A link to a file that does not exist is left as it is, so that `mkdocs build --strict` fails.
"""

import re
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
LINK = re.compile(r"\[([^\]\n]+)\]\(((?!https?:|#|mailto:)[^)#\s]+)(#[^)\s]*)?\)")


def on_page_markdown(markdown: str, page: Any, **_: Any) -> str:
    """Replace links that leave the folder `docs`, or that lead to a folder in it, by their text and path."""
    folder = (ROOT / "docs" / page.file.src_path).parent

    def replaced(link: re.Match[str]) -> str:
        text, target = link[1], (folder / link[2]).resolve()
        is_page = target.is_relative_to(ROOT / "docs") and target.is_file() and "schema" not in target.parts
        if is_page or not target.exists():
            return link[0]
        path = target.relative_to(ROOT).as_posix()
        return f"`{path}`" if text.strip("`") in {path, target.name} else f"{text} (`{path}`)"

    return LINK.sub(replaced, markdown)
