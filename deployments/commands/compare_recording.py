"""`acr-relocate local-azure --compare FILE`: the embedded Azure held against a recording of another."""

import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import typer

from acr_relocate.core.errors import InvalidRequest, RelocationError
from acr_relocate.core.recording.comparison import RecordingComparison, compare_recordings
from acr_relocate.core.recording.exchange import Exchange, read_recording

COMPARE: Final = "--compare"
_DONE, _DIFFERENT = 0, 1
_EMBEDDED: Final = (sys.executable, "-m", "local_azure", "--seed", "demo", "--")
_REQUEST: Final = """\
source: {subscription_id: 22222222-2222-2222-2222-222222222222, resource_group: contoso-west, name: contosoregistry}
target: {resource_group: contoso-north, name: contosoregistryne, location: northeurope}
"""


def compare_file(arguments: Sequence[str]) -> int:
    """Compare the recording that the arguments name with the embedded Azure; return the exit status.

    Raises InvalidRequest for other arguments, or a file that is not a recording.
    """
    if len(arguments) != 2 or arguments[0] != COMPARE:
        raise InvalidRequest(
            f"{COMPARE} stands alone, with one file.", remedy="acr-relocate local-azure --compare FILE"
        )
    path = Path(arguments[1])
    try:
        recorded = read_recording(path.read_text(encoding="utf-8"), path.name)
    except (OSError, UnicodeDecodeError) as error:
        raise InvalidRequest(f"{path} cannot be read: {error}") from None
    typer.echo("rehearsing a relocation at the embedded Azure, which takes a minute or two", err=True)
    return show_comparison(compare_recordings(recorded, record_embedded()))


def record_embedded() -> tuple[Exchange, ...]:
    """Rehearse the demo's relocation at an embedded Azure, and return the recording. Raises RelocationError."""
    with tempfile.TemporaryDirectory(prefix="acr-relocate-compare-") as folder:
        request, recording = Path(folder, "request.yaml"), Path(folder, "recording.json")
        request.write_text(_REQUEST)
        options = [str(request), "--yes", "--large", "1", "--record", str(recording)]
        ended = subprocess.run(  # noqa: S603 - our own commands
            [*_EMBEDDED, sys.executable, "-m", "deployments.cli", "rehearse", *options],
            env={**os.environ, "ACR_RELOCATE_STATE": folder},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
        )
        if not recording.exists():
            raise RelocationError(f"The rehearsal at the embedded Azure failed: {ended.stderr.strip()[-500:]}")
        return read_recording(recording.read_text(), recording.name)


def show_comparison(found: RecordingComparison) -> int:
    """Print each difference, then the counts; return the exit status."""
    for one in found.different:
        typer.echo(one.exchange)
        for difference in one.differences:
            typer.echo(f"  {difference}")
    rest = f", {len(found.not_asked)} without counterpart" if found.not_asked else ""
    for title in found.not_asked:
        typer.echo(f"no counterpart: {title}")
    verdict = "different" if found.different else "equal"
    typer.echo(f"{verdict}: {found.same} kinds of exchanges the same, {len(found.different)} different{rest}")
    return _DIFFERENT if found.different else _DONE
