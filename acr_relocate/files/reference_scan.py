"""Survey folders: find the texts that name the old registry, rewrite them if requested, and summarise."""

from __future__ import annotations

import difflib
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import Any, NamedTuple

from acr_relocate.core.errors import RelocationError
from acr_relocate.core.wording import plural
from acr_relocate.files import text_files
from acr_relocate.files.text_files import Skipped, TextFile
from acr_relocate.references import Choice, Reference, Rename, rewrite_text, scan, unresolved_references


class FileReferences(NamedTuple):
    """A file with its references and its new text."""

    text: TextFile
    references: tuple[Reference, ...]
    wanted: str

    @property
    def changes(self) -> bool:
        """Return whether a rewrite changes the file."""
        return self.wanted != self.text.content


class Survey(NamedTuple):
    """Everything that was read, and the options."""

    rename: Rename
    choice: Choice
    files: list[FileReferences]
    skipped: list[Skipped]

    def left(self, *, written: bool) -> int:
        """Return how many references name the old registry before, or after, the files are written."""
        return sum(len(unresolved_references(found.references, self.choice, rewritten=written)) for found in self.files)

    @property
    def incomplete(self) -> bool:
        """Return whether something could not be read, so that the result proves no absence."""
        return any(skipped.failed for skipped in self.skipped)


def survey(paths: Iterable[Path], rename: Rename, choice: Choice) -> Survey:
    """Return all references under the paths. Raises InvalidRequest unless each of them exists."""
    paths = list(paths)
    text_files.require_paths(paths)
    seen = Survey(rename, choice, [], [])
    for item in text_files.read_text_files(paths):
        if isinstance(item, Skipped):
            seen.skipped.append(item)
        elif references := scan(item.content, rename, str(item.path)):
            seen.files.append(FileReferences(item, references, rewrite_text(item.content, references, rename, choice)))
    return seen


def write_references(seen: Survey) -> list[str]:
    """Write every file that changes, and return the errors; one failure does not stop the others."""
    failures = []
    for found in seen.files:
        try:
            if found.changes:
                text_files.replace(found.text, found.wanted)
        except (RelocationError, OSError) as error:
            failures.append(str(error))
    return failures


def patch(found: FileReferences) -> str:
    """Return a unified diff of a file for `git apply` and `patch`, or a comment line that they ignore.

    Neither can patch UTF-16, which is binary to them. A tab ends a name that has blanks, as in `diff`.
    """
    path = str(found.text.path).lstrip("/")
    if found.text.encoding != "utf-8":
        return (
            f"# {path} is {found.text.encoding}, of which no patch can be made: rewrite it\n" if found.changes else ""
        )
    before, after = (_with_ends(content) for content in (found.text.content, found.wanted))
    path += "\t" if " " in path else ""
    rows = difflib.unified_diff(before, after, f"a/{path}", f"b/{path}")
    return "".join(row if row.endswith("\n") else f"{row}\n\\ No newline at end of file\n" for row in rows)


def _with_ends(content: str) -> list[str]:
    """Return lines with their ends; only a line feed ends one, as in `diff`."""
    rows = [row + "\n" for row in content.split("\n")]
    rows[-1] = rows[-1][:-1]
    return rows if rows[-1] else rows[:-1]


def summarise_scan(seen: Survey, *, written: bool) -> str:
    """Return the result in one or two sentences."""
    kinds = Counter(reference.kind.value for found in seen.files for reference in found.references)
    if not kinds:
        return f"Nothing names {seen.rename.source}.{_unseen(seen)}"
    counts = ", ".join(f"{count} {kind}" for kind, count in sorted(kinds.items()))
    changed = sum(found.changes for found in seen.files)
    left = seen.left(written=True)
    verb = "rewritten" if written else "to rewrite"
    return (
        f"{plural(kinds.total(), 'reference')} in {plural(len(seen.files), 'file')}: {counts}. "
        f"{plural(changed, 'file')} {verb}; {plural(left, 'reference')} left to you.{_unseen(seen)}"
    )


def _unseen(seen: Survey) -> str:
    """Return the skipped files, by reason."""
    reasons = Counter(skipped.reason for skipped in seen.skipped)
    listed = ", ".join(f"{count} x {reason}" for reason, count in sorted(reasons.items()))
    return f" Skipped: {listed}." if listed else ""


def as_data(seen: Survey, *, written: bool, diff: bool = False) -> dict[str, Any]:
    """Return everything as JSON. No reference holds a secret; a diff has the lines of the file unchanged."""
    return {
        "from": seen.rename.source,
        "to": seen.rename.target,
        "written": written,
        "remaining": seen.left(written=written),
        "files": [
            {
                "path": str(found.text.path),
                "changes": found.changes,
                "references": [
                    reference.model_dump(mode="json") | {"rewrites": seen.choice.rewrites(reference)}
                    for reference in found.references
                ],
                **({"diff": patch(found)} if diff else {}),
            }
            for found in seen.files
        ],
        "skipped": [{"path": str(skipped.path), "reason": skipped.reason} for skipped in seen.skipped],
    }
