"""The request of a command: its file, or a registry that was planned on this machine, whose file may be gone."""

from pathlib import Path
from typing import Annotated

import typer

from acr_relocate.core.errors import InvalidRequest
from acr_relocate.core.plan.plan import Plan
from acr_relocate.core.request.relocation import RelocationRequest
from deployments.commands import report_files, request_files

RequestOrRegistry = Annotated[
    str,
    typer.Argument(
        metavar="REQUEST|REGISTRY", help="A request (YAML, JSON; - is standard input), or a registry planned from here."
    ),
]


def find_request(move: str) -> RelocationRequest:
    """Return the request in a file, or that of the last plan for a registry on this machine. Raises InvalidRequest."""
    if is_file(move):
        return request_files.load_request(Path(move))
    plans = [report_files.read_saved(Plan, path).request for path in report_files.plans_of(move)]
    if len(plans) == 1:
        return plans[0]
    said = f"There is no file {move}, and no plan for a registry {move} was made from here."
    if plans:
        said = f"{move} was planned for {', '.join(each.target.name for each in plans)}."
    raise InvalidRequest(said, remedy="Give the file of the request.")


def is_file(move: str) -> bool:
    """Return whether this names a file: the name of a registry has no dot."""
    return Path(move).exists() or "." in move or move == "-"
