"""Show a result: the summary with the verdict last, and the whole report in a file that is always written."""

import json
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import typer

from acr_relocate.core.content.import_preview import Preview, preview_document
from acr_relocate.core.documents.document import Document
from acr_relocate.core.documents.html import to_html
from acr_relocate.core.documents.markdown import to_markdown
from acr_relocate.core.documents.text import to_text
from acr_relocate.core.plan.plan import Plan
from acr_relocate.core.registry.resource_ids import ResourceId
from acr_relocate.core.report.manual_steps import manual_steps_script
from acr_relocate.core.report.plan_page import plan_document
from acr_relocate.core.report.report import Report
from acr_relocate.core.report.report_page import report_document
from acr_relocate.core.report.summary import plan_summary, preview_summary, report_summary
from acr_relocate.core.report.verdicts import plan_verdict, preview_verdict, report_verdict
from acr_relocate.files import private_files, result_files
from deployments.commands import report_files
from deployments.commands.options import Form, display

Result = Plan | Preview | Report
NAMES: Final = {
    "relocate": "run",
    "compare": "verify",
}
"""Flows with another name on the command line."""


@dataclass(frozen=True)
class Shown:
    """A result and its context."""

    result: Result
    embedded: bool = False
    run_url: str = ""

    @property
    def document(self) -> Document:
        """Return the whole report."""
        if isinstance(self.result, Report):
            return report_document(self.result)
        if isinstance(self.result, Plan):
            return plan_document(self.result, embedded=self.embedded)
        return preview_document(self.result)

    @property
    def verdict(self) -> str:
        """Return the verdict in one line."""
        if isinstance(self.result, Report):
            return report_verdict(self.result)
        return plan_verdict(self.result) if isinstance(self.result, Plan) else preview_verdict(self.result)

    def summary(self, places: list[tuple[str, str]]) -> str:
        """Return the result in at most 15 lines."""
        if isinstance(self.result, Report):
            return report_summary(self.result, places)
        if isinstance(self.result, Plan):
            return plan_summary(self.result, places, embedded=self.embedded)
        return preview_summary(self.result, places)


def show_result(shown: Shown, waits_for: str = "") -> None:
    """Print the result in the requested format; the report is always in its file.

    `waits_for`: the pending approval, which is then the verdict.
    """
    places = save_result(shown)
    how = display()
    if how.as_json:
        print_json(shown.result.model_dump(mode="json"))
    elif how.form is Form.MARKDOWN:
        typer.echo(to_markdown(shown.document, diagrams=False), nl=False)
    elif how.quiet:
        typer.echo(waits_for or shown.verdict)
    else:
        if how.full:
            typer.echo(to_text(shown.document))
        address = [("UI", shown.run_url)] if shown.run_url else []
        summary = shown.summary([*places, *address])
        typer.echo("\n".join([*summary.splitlines()[:-1], waits_for]) if waits_for else summary)


def save_result(shown: Shown) -> list[tuple[str, str]]:
    """Write the report, its JSON, and the script of the manual steps. Return their labels and paths.

    A file that cannot be written is a warning: the run is over, and its report is at the Prefect server too.
    """
    source, target = _registries(shown.result)
    script = manual_steps_of(shown.result)
    try:
        report = report_files.claim_path(source, target, f"{_command(shown.result)}.txt")
        result_files.write_result(report, to_text(shown.document))
        result_files.write_result(report.with_suffix(".json"), shown.result.model_dump_json(indent=2))
        places = [("Report", str(report))]
        if script:
            path = report_files.claim_path(source, target, "manual-steps.sh")
            result_files.write_result(path, script, mode=result_files.PRIVATE_SCRIPT)
            places.append(("Script", str(path)))
    except OSError as error:
        print(
            f"warning: the report cannot be written to {report_files.report_folder()}: {error.strerror}",
            file=sys.stderr,
        )
        return []
    return places


def manual_steps_of(result: Result) -> str:
    """Return the script of the manual steps; empty without any, and for a rehearsal, whose registries are gone."""
    rehearsed = isinstance(result, Report) and result.flow == "rehearse"
    return "" if isinstance(result, Preview) or rehearsed else manual_steps_script(result)


def write_page(shown: Shown, path: Path) -> None:
    """Write the result as one HTML page. Raises InvalidRequest if it cannot be written."""
    private_files.write_private(path, to_html(shown.document))


def print_json(data: object) -> None:
    """Print a result for a machine: plain ASCII, for any terminal encoding, without a pipeline's log commands."""
    typer.echo(json.dumps(data, indent=2).replace("##", "#\\u0023"))


def _command(result: Result) -> str:
    if isinstance(result, Report):
        return NAMES.get(result.flow, result.flow) or "run"
    return report_files.PLAN if isinstance(result, Plan) else "dry-run"


def _registries(result: Result) -> tuple[str, str]:
    """Return the names of the source and of the target."""
    if isinstance(result, Plan):
        return result.source.name, result.request.target.name
    return ResourceId(result.source_id).name, ResourceId(result.target_id).name
