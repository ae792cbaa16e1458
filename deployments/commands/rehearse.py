"""`acr-relocate rehearse`: a relocation carried out once on small registries; and the removal of what kills left."""

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer

from acr_relocate.core.errors import InvalidRequest
from acr_relocate.core.plan.estimate import NOT_MEASURED, MeasuredTimes
from acr_relocate.core.recording.exchange import to_json
from acr_relocate.core.rehearsal.artifacts import LARGE_MEBIBYTES
from acr_relocate.core.wording import plural
from acr_relocate.files.private_files import write_private
from acr_relocate.files.regular_files import read_regular
from deployments.commands import request_files
from deployments.commands.approvals import Approve
from deployments.commands.options import display, shows_result
from deployments.commands.run_command import AsHtml, accept_request_file, require_folder, run_flow_command

app = typer.Typer()

_LARGEST_REPORT = 64_000_000  # bytes
_REHEARSAL_ID = re.compile(r"[0-9a-f]{8}")

RequestOrId = Annotated[
    str, typer.Argument(metavar="REQUEST|ID", help="The request; with --clean also a rehearsal's id, or nothing.")
]
Yes = Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")]
Clean = Annotated[bool, typer.Option("--clean", help="Remove what killed rehearsals have left, and nothing else.")]
RecordTo = Annotated[
    Path | None,
    typer.Option(
        "--record", metavar="FILE", help="Also write the shapes of all exchanges with Azure, without names or values."
    ),
]
Large = Annotated[int, typer.Option("--large", metavar="MIB", min=1, max=1024, help="Size of the large artifact.")]


@app.command()
@shows_result
def rehearse(
    request: RequestOrId = "",
    *,
    yes: Yes = False,
    clean: Clean = False,
    large: Large = LARGE_MEBIBYTES,
    record: RecordTo = None,
    approve: Approve = None,
    html: AsHtml = None,
) -> None:
    """Carry out the relocation once on a small registry like the source, measure it, and remove all of it again."""
    if clean:
        raise typer.Exit(_clean(request, yes=yes))
    if not request:
        raise InvalidRequest("Give the request that is to be rehearsed.", remedy="acr-relocate rehearse REQUEST")
    with _recorded_to(record):
        run_flow_command(
            "rehearse",
            lambda: {"request": accept_request_file(Path(request)), "large_mebibytes": large},
            html=html,
            approve=approve,
            yes=yes,
        )


@contextmanager
def _recorded_to(path: Path | None) -> Iterator[None]:
    """Write the exchanges of the block to the file, however the block ends; without a file do nothing."""
    if path is None:
        yield
        return
    require_folder(path)
    from acr_relocate.azure.client.exchange_recorder import (  # noqa: PLC0415 - the Azure SDK: not for bad input
        ExchangeRecorder,
        recording_exchanges,
    )

    recorder = ExchangeRecorder()
    try:
        with recording_exchanges(recorder):
            yield
    finally:
        if recorder.exchanges:
            write_private(path, to_json(recorder.exchanges))
            typer.echo(f"recorded: {plural(len(recorder.exchanges), 'kind')} of exchanges in {path}", err=True)


def load_times(path: Path | None) -> MeasuredTimes:
    """Return the figures of a report of a rehearsal, or of a run with imports; none without a report.

    Raises InvalidRequest.
    """
    if path is None:
        return NOT_MEASURED
    try:
        report = json.loads(read_regular(path, str(path), _LARGEST_REPORT))
        return MeasuredTimes.model_validate((report.get("rehearsal") or report["imports"])["times"])
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise InvalidRequest(
            f"{path} is not the JSON report of a rehearsal, or of a run with imports: {error}",
            remedy="`acr-relocate run REQUEST` writes one and names it, as does: acr-relocate rehearse REQUEST",
        ) from None


def _clean(which: str, *, yes: bool) -> int:
    """Remove the rest of one rehearsal, of those of a request's source, or of all. Returns the exit status."""
    is_id = _REHEARSAL_ID.fullmatch(which) is not None
    registry = request_files.load_request(Path(which)).source.name if which and not is_id else ""
    from deployments import rehearsals  # noqa: PLC0415 - imports the Azure SDK: not for bad input

    return rehearsals.clean_rehearsals(which if is_id else "", registry, yes=yes, quiet=display().quiet)
