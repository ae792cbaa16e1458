"""`acr-relocate references scan|rewrite`: what in a folder names the old registry, and the new one in its place."""

from __future__ import annotations

import difflib
import json
from collections import Counter
from pathlib import Path
from typing import Annotated, Any, Final, NamedTuple

import typer

from acr_relocate import text_files
from acr_relocate.core.errors import RelocationError
from acr_relocate.core.references import Choice, Reference, Rename, parse_rename, remaining, rewrite, scan
from acr_relocate.text_files import Skipped, Text

DONE: Final = 0
NOT_RELOCATED: Final = 1
BAD_INPUT: Final = 2

app = typer.Typer(
    no_args_is_help=True,
    help="Find and rewrite what names the old registry: manifests, charts, Dockerfiles, pipelines, templates, code.",
)

Paths = Annotated[list[Path], typer.Argument(help="Files and folders.", metavar="PATH...", show_default=False)]
From = Annotated[str, typer.Option("--from", metavar="HOST", help="The old login server: contoso.azurecr.io")]
To = Annotated[str, typer.Option("--to", metavar="HOST", help="The new login server.")]
RegionFrom = Annotated[str, typer.Option("--region-from", help="The old home region, for data endpoints.")]
RegionTo = Annotated[str, typer.Option("--region-to", help="The new home region.")]
GroupFrom = Annotated[str, typer.Option("--resource-group-from", help="The old resource group, for resource ids.")]
GroupTo = Annotated[str, typer.Option("--resource-group-to", help="The new resource group.")]
IdFrom = Annotated[str, typer.Option("--id-from", help="The old registry's resource id.")]
IdTo = Annotated[str, typer.Option("--id-to", help="The new registry's resource id.")]
Check = Annotated[bool, typer.Option("--check", help="Write nothing; exit with 1 if references remain.")]
Diff = Annotated[bool, typer.Option("--diff", help="Write nothing; show what would change as a unified diff.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON for machines.")]
Probable = Annotated[bool, typer.Option("--include-probable", help="Also what only probably names the registry.")]
Secrets = Annotated[
    bool, typer.Option("--include-pull-secrets", help="Also the host in pull secrets, whose passwords will not work.")
]


class Found(NamedTuple):
    """A file with its references and the text that it shall have."""

    text: Text
    references: tuple[Reference, ...]
    wanted: str

    @property
    def changes(self) -> bool:
        """Whether a rewrite changes the file."""
        return self.wanted != self.text.content


class Survey(NamedTuple):
    """All that was looked at, and what was asked for."""

    rename: Rename
    choice: Choice
    files: list[Found]
    skipped: list[Skipped]

    def left(self, *, written: bool) -> int:
        """Return how many references name the old registry before, or after, the files are written."""
        return sum(len(remaining(found.references, self.choice, rewritten=written)) for found in self.files)

    @property
    def incomplete(self) -> bool:
        """Whether something could not be read, so that nothing may be concluded from what was."""
        return any(skipped.failed for skipped in self.skipped)


@app.command("scan")
def scan_command(  # noqa: PLR0913 - one parameter for each option
    paths: Paths,
    source: From,
    target: To,
    *,
    region_from: RegionFrom = "",
    region_to: RegionTo = "",
    group_from: GroupFrom = "",
    group_to: GroupTo = "",
    id_from: IdFrom = "",
    id_to: IdTo = "",
    include_probable: Probable = False,
    include_pull_secrets: Secrets = False,
    check: Check = False,
    as_json: AsJson = False,
) -> None:
    """List what names the old registry, and what a rewrite would make of it. Writes nothing."""
    details = _details(region_from, region_to, group_from, group_to, id_from, id_to)
    survey = _survey(
        paths, source, target, details, Choice(probable=include_probable, pull_secrets=include_pull_secrets)
    )
    _show(survey, as_json=as_json, written=False)
    raise typer.Exit(NOT_RELOCATED if survey.incomplete or (check and survey.left(written=False)) else DONE)


@app.command("rewrite")
def rewrite_command(  # noqa: PLR0913 - one parameter for each option
    paths: Paths,
    source: From,
    target: To,
    *,
    region_from: RegionFrom = "",
    region_to: RegionTo = "",
    group_from: GroupFrom = "",
    group_to: GroupTo = "",
    id_from: IdFrom = "",
    id_to: IdTo = "",
    include_probable: Probable = False,
    include_pull_secrets: Secrets = False,
    check: Check = False,
    diff: Diff = False,
    as_json: AsJson = False,
) -> None:
    """Name the new registry instead of the old one, in place. Again: nothing is left to change."""
    details = _details(region_from, region_to, group_from, group_to, id_from, id_to)
    survey = _survey(
        paths, source, target, details, Choice(probable=include_probable, pull_secrets=include_pull_secrets)
    )
    written = not (check or diff)
    failures = _write(survey) if written else []
    if diff and not as_json:
        for found in survey.files:
            typer.echo(_diff(found).encode("utf-8", "surrogateescape"), nl=False)
    else:
        _show(survey, as_json=as_json, written=written, diff=diff)
    for failure in failures:
        _complain(failure)
    raise typer.Exit(NOT_RELOCATED if failures or survey.incomplete or (check and survey.left(written=False)) else DONE)


def _details(*options: str) -> dict[str, str]:
    """Return the optional facts of a rename by the names that it gives them."""
    fields = ("source_region", "target_region", "source_group", "target_group", "source_id", "target_id")
    return dict(zip(fields, options, strict=True))


def _survey(paths: list[Path], source: str, target: str, details: dict[str, str], choice: Choice) -> Survey:
    """Return all references under the paths, or end with one message if the input is wrong."""
    try:
        rename = parse_rename(source, target, **details)
        text_files.require(paths)
    except RelocationError as error:
        _complain(str(error))
        raise typer.Exit(BAD_INPUT) from None
    survey = Survey(rename, choice, [], [])
    for item in text_files.read_all(paths):
        if isinstance(item, Skipped):
            survey.skipped.append(item)
        elif references := scan(item.content, rename, str(item.path)):
            survey.files.append(Found(item, references, rewrite(item.content, references, rename, choice)))
    return survey


def _write(survey: Survey) -> list[str]:
    """Write every file that changes, and return what went wrong; one failure does not hold up the others."""
    failures = []
    for found in survey.files:
        try:
            if found.changes:
                text_files.replace(found.text, found.wanted)
        except (RelocationError, OSError) as error:
            failures.append(str(error))
    return failures


def _diff(found: Found) -> str:
    """Return a unified diff of a file that `git apply` and `patch` take."""
    before, after = (_with_ends(content) for content in (found.text.content, found.wanted))
    path = str(found.text.path).lstrip("/")
    rows = difflib.unified_diff(before, after, f"a/{path}", f"b/{path}")
    return "".join(row if row.endswith("\n") else f"{row}\n\\ No newline at end of file\n" for row in rows)


def _with_ends(content: str) -> list[str]:
    """Return lines with their ends; only a line feed ends one, as in `diff`."""
    rows = [row + "\n" for row in content.split("\n")]
    rows[-1] = rows[-1][:-1]
    return rows if rows[-1] else rows[:-1]


def _show(survey: Survey, *, as_json: bool, written: bool, diff: bool = False) -> None:
    """Print what was found, for people or for machines."""
    if as_json:
        typer.echo(json.dumps(_as_data(survey, written=written, diff=diff), indent=2))
        return
    for found in survey.files:
        for reference in found.references:
            typer.echo(_line(found, reference, survey.choice).encode("utf-8", "surrogateescape"))
    for skipped in survey.skipped:
        if skipped.failed:
            _complain(f"{skipped.path}: {skipped.reason}")
    typer.echo(_summary(survey, written=written))


def _line(found: Found, reference: Reference, choice: Choice) -> str:
    """Return one reference as editors and CI systems read it: path, line, column, message."""
    verdict = f"-> {reference.replacement}" if choice.rewrites(reference) else "left alone"
    note = f" ({reference.note})" if reference.note else ""
    return f"{found.text.path}:{reference.line}:{reference.column}: {reference.kind}: {reference.text} {verdict}{note}"


def _summary(survey: Survey, *, written: bool) -> str:
    """Return the result in one or two sentences."""
    kinds = Counter(reference.kind.value for found in survey.files for reference in found.references)
    if not kinds:
        return f"Nothing names {survey.rename.source}.{_unseen(survey)}"
    counts = ", ".join(f"{count} {kind}" for kind, count in sorted(kinds.items()))
    changed = sum(found.changes for found in survey.files)
    left = survey.left(written=True)
    verb = "rewritten" if written else "to rewrite"
    return (
        f"{kinds.total()} references in {len(survey.files)} files: {counts}. "
        f"{changed} files {verb}; {left} references are left to you.{_unseen(survey)}"
    )


def _unseen(survey: Survey) -> str:
    """Return what was not looked into, by reason."""
    reasons = Counter(skipped.reason for skipped in survey.skipped)
    listed = ", ".join(f"{count} x {reason}" for reason, count in sorted(reasons.items()))
    return f" Not looked into: {listed}." if listed else ""


def _as_data(survey: Survey, *, written: bool, diff: bool) -> dict[str, Any]:
    """Return everything as JSON. No reference holds a secret; a diff has the lines of the file as they are."""
    return {
        "from": survey.rename.source,
        "to": survey.rename.target,
        "written": written,
        "remaining": survey.left(written=written),
        "files": [
            {
                "path": str(found.text.path),
                "changes": found.changes,
                "references": [
                    reference.model_dump(mode="json") | {"rewrites": survey.choice.rewrites(reference)}
                    for reference in found.references
                ],
                **({"diff": _diff(found)} if diff else {}),
            }
            for found in survey.files
        ],
        "skipped": [{"path": str(skipped.path), "reason": skipped.reason} for skipped in survey.skipped],
    }


def _complain(message: str) -> None:
    typer.echo(f"error: {message}", err=True)
