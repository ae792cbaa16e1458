"""`acr-relocate references scan|rewrite`: find references to the old registry in a folder, and rewrite them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Final

import typer

from acr_relocate.core.errors import InvalidRequest, RelocationError
from acr_relocate.files import reference_scan
from acr_relocate.files.reference_scan import FileReferences, Survey
from acr_relocate.references import Choice, Reference, parse_rename

DONE: Final = 0
NOT_RELOCATED: Final = 1
BAD_INPUT: Final = 2

app = typer.Typer(
    no_args_is_help=True,
    help="Find and rewrite references to the old registry: manifests, charts, Dockerfiles, pipelines, templates, code.",
)


def _path(text: str) -> Path:
    """Return the path. An empty one, such as from an unset variable, would mean the current folder."""
    if not text:
        raise typer.BadParameter("a path is empty")
    return Path(text)


Paths = Annotated[
    list[Path], typer.Argument(help="Files and folders.", metavar="PATH", show_default=False, parser=_path)
]
From = Annotated[str, typer.Option("--from", metavar="HOST", help="The old login server: contoso.azurecr.io")]
To = Annotated[str, typer.Option("--to", metavar="HOST", help="The new login server.")]
RegionFrom = Annotated[
    str, typer.Option("--region-from", metavar="REGION", help="The old home region, for data endpoints.")
]
RegionTo = Annotated[str, typer.Option("--region-to", metavar="REGION", help="The new home region.")]
GroupFrom = Annotated[
    str, typer.Option("--resource-group-from", metavar="GROUP", help="The old resource group, for resource ids.")
]
GroupTo = Annotated[str, typer.Option("--resource-group-to", metavar="GROUP", help="The new resource group.")]
IdFrom = Annotated[str, typer.Option("--id-from", metavar="ID", help="The old registry's resource id.")]
IdTo = Annotated[str, typer.Option("--id-to", metavar="ID", help="The new registry's resource id.")]
Renamed = Annotated[
    list[str],
    typer.Option("--rename", metavar="OLD=NEW", help="A repository with another name at the target; repeatable."),
]
_Check = Annotated[bool, typer.Option("--check", help="Write nothing; exit with 1 if references remain.")]
Diff = Annotated[bool, typer.Option("--diff", help="Write nothing; show the changes as a unified diff.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON for machines.")]
Probable = Annotated[bool, typer.Option("--include-probable", help="Include probable references.")]
Secrets = Annotated[
    bool, typer.Option("--include-pull-secrets", help="Also the host in pull secrets, whose passwords will not work.")
]


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
    rename: Renamed = [],  # noqa: B006 - typer reads it, and makes a new list
    include_probable: Probable = False,
    include_pull_secrets: Secrets = False,
    check: _Check = False,
    as_json: AsJson = False,
) -> None:
    """List references to the old registry, with their replacements. Writes nothing."""
    details = _details(region_from, region_to, group_from, group_to, id_from, id_to)
    choice = Choice(probable=include_probable, pull_secrets=include_pull_secrets)
    survey = _survey(paths, source, target, rename, details, choice)
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
    rename: Renamed = [],  # noqa: B006 - typer reads it, and makes a new list
    include_probable: Probable = False,
    include_pull_secrets: Secrets = False,
    check: _Check = False,
    diff: Diff = False,
    as_json: AsJson = False,
) -> None:
    """Replace the old registry's name by the new one, in place. Safe to run again."""
    details = _details(region_from, region_to, group_from, group_to, id_from, id_to)
    choice = Choice(probable=include_probable, pull_secrets=include_pull_secrets)
    survey = _survey(paths, source, target, rename, details, choice)
    written = not (check or diff)
    failures = reference_scan.write_references(survey) if written else []
    if diff and not as_json:
        for found in survey.files:
            typer.echo(reference_scan.patch(found).encode("utf-8", "surrogateescape"), nl=False)
    else:
        _show(survey, as_json=as_json, written=written, diff=diff)
    for failure in failures:
        _complain(failure)
    raise typer.Exit(NOT_RELOCATED if failures or survey.incomplete or (check and survey.left(written=False)) else DONE)


def _details(*options: str) -> dict[str, str]:
    """Return the optional fields of a rename from the options."""
    fields = ("source_region", "target_region", "source_group", "target_group", "source_id", "target_id")
    return dict(zip(fields, options, strict=True))


def _survey(
    paths: list[Path], source: str, target: str, rename: list[str], details: dict[str, str], choice: Choice
) -> Survey:
    """Return all references under the paths, or end with one message for invalid input."""
    try:
        return reference_scan.survey(paths, parse_rename(source, target, _pairs(rename), **details), choice)
    except RelocationError as error:
        _complain(str(error))
        raise typer.Exit(BAD_INPUT) from None


def _pairs(rename: list[str]) -> dict[str, str]:
    """Return the repositories that the options rename. Raises InvalidRequest for one without an equals sign."""
    pairs = [text.partition("=") for text in rename]
    if wrong := [text for text, (_, equals, _) in zip(rename, pairs, strict=True) if not equals]:
        raise InvalidRequest(f"--rename {wrong[0]} is not OLD=NEW, such as team/app=platform/app")
    return {old.strip(): new.strip() for old, _, new in pairs}


def _show(survey: Survey, *, as_json: bool, written: bool, diff: bool = False) -> None:
    """Print the references, for people or for machines."""
    if as_json:
        typer.echo(json.dumps(reference_scan.as_data(survey, written=written, diff=diff), indent=2))
        return
    for found in survey.files:
        for reference in found.references:
            typer.echo(_line(found, reference, survey.choice).encode("utf-8", "surrogateescape"))
    for skipped in survey.skipped:
        if skipped.failed:
            _complain(f"{skipped.path}: {skipped.reason}")
    typer.echo(reference_scan.summarise_scan(survey, written=written))


def _line(found: FileReferences, reference: Reference, choice: Choice) -> str:
    """Return one reference in the format of editors and CI systems: path, line, column, message."""
    verdict = f"-> {reference.replacement}" if choice.rewrites(reference) else "left alone"
    note = f" ({reference.note})" if reference.note else ""
    return f"{found.text.path}:{reference.line}:{reference.column}: {reference.kind}: {reference.text} {verdict}{note}"


def _complain(message: str) -> None:
    typer.echo(f"error: {message}", err=True)
