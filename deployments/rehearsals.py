"""`acr-relocate rehearse --clean`: remove what killed rehearsals have left. No Prefect server is started or asked."""

import asyncio
import sys

import typer

from acr_relocate.core.errors import InvalidRequest
from acr_relocate.core.outcomes import Outcome
from acr_relocate.core.rehearsal.rehearsal import Rehearsal
from acr_relocate.core.wording import plural
from tasks.rehearsal import find_rehearsals, remove_rehearsal


def clean_rehearsals(rehearsal_id: str, registry: str, *, yes: bool, quiet: bool) -> int:
    """Remove the rest of these rehearsals. Returns the exit status: 0 if nothing is left of them, 1 otherwise.

    Args:
        rehearsal_id: Only this one; empty: any.
        registry: Only those of this registry; empty: of any.
        yes: Do not ask.
        quiet: Print the last line alone.

    """
    found = [
        one for one in asyncio.run(find_rehearsals()) if rehearsal_id in {"", one.id} and registry in {"", one.registry}
    ]
    if found and not yes:
        _ask(found)
    outcomes = asyncio.run(_remove(found))
    if not quiet:
        for outcome in outcomes:
            typer.echo(_line(outcome))
    left = sum(not outcome.ok for outcome in outcomes)
    removed = sum(outcome.kind == "removed" for outcome in outcomes)
    done = f"cleaned: {plural(removed, 'resource', none='nothing was left')}"
    typer.echo(f"not cleaned: {plural(left, 'resource')} left" if left else done)
    return 1 if left else 0


def _ask(found: list[Rehearsal]) -> None:
    """Ask whether these are to be removed. Raises InvalidRequest without a terminal, Abort for no."""
    for one in found:
        typer.echo(
            f"rehearsal {one.id} of {one.registry} to {one.location}, begun {one.begun_at:%Y-%m-%d %H:%M} UTC", err=True
        )
    if not sys.stdin.isatty():
        raise InvalidRequest("Nothing is removed: standard input is not a terminal.", remedy="Pass --yes.")
    typer.confirm("Remove what is left of them? This stops one that still runs", abort=True)


async def _remove(found: list[Rehearsal]) -> list[Outcome]:
    return [outcome for rehearsal in found for outcome in await remove_rehearsal(rehearsal)]


def _line(outcome: Outcome) -> str:
    if outcome.failure:
        return f"failed: {outcome.subject}: {outcome.failure}"
    return f"{'removed' if outcome.kind == 'removed' else 'left'}: {outcome.subject}" + (
        f", {outcome.reason}" if outcome.reason else ""
    )
