"""The manual steps of a relocation as a shell script: read, completed and run by a person."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

from acr_relocate.core.plan.plan import Plan
from acr_relocate.core.registry.resource_ids import ResourceId
from acr_relocate.core.report.report import LeftToPeople, Report
from acr_relocate.core.wording import comment, plural

_HEADER: Final = """#!/usr/bin/env bash
# Manual steps of the relocation of {source} to {target}: {count}.
# Read each step before you run it, and replace the PLACEHOLDERS-IN-CAPITALS. Commands that create or update something
# can be run again. A command that fails ends the script.
set -euo pipefail

if grep --line-number --extended-regexp '{placeholder}' "$0"; then
  echo "Replace these placeholders first; nothing was done." >&2
  exit 1
fi
"""
PLACEHOLDER: Final = "^[^#]*[A-Z]+(-[A-Z]+){2,}"
"""Placeholders to fill in: words such as RESOURCE-ID-OF-A-SUBNET, in a line that is not a comment."""
IN_REQUEST: Final = "# in the request:"
"""The first line of a step that is a change of the request instead of a command."""


def steps_of_plan(plan: Plan) -> tuple[LeftToPeople, ...]:
    """Return the manual steps of the plan."""
    return tuple(
        LeftToPeople(what=f"{entry.label} {entry.name}", why=entry.action, how=entry.command)
        for entry in plan.dependencies.manual
    )


_ASKED_FOR: Final = "${REGISTRY_PASSWORD:?}"
_ASK: Final = """\
# Apps that sign in with a password: it is asked for here, so that neither this file nor the shell's history has it.
if [ -z "${REGISTRY_PASSWORD:-}" ]; then
  printf 'User name at the target: ' && read -r REGISTRY_USER
  printf 'Password (not shown): ' && read -rs REGISTRY_PASSWORD && echo
fi
"""


def manual_steps_script(result: Plan | Report) -> str:
    """Return the script; empty if there are no manual steps."""
    if isinstance(result, Plan):
        source, target, steps = result.source.name, result.request.target.name, steps_of_plan(result)
    else:
        source, target = (ResourceId(one).name for one in (result.source_id, result.target_id))
        steps = result.left_to_people
    if not steps:
        return ""
    header = _HEADER.format(source=source, target=target, count=plural(len(steps), "step"), placeholder=PLACEHOLDER)
    asks = [_ASK] if any(_ASKED_FOR in step.how for step in steps) else []
    return "\n".join([header, *asks, *_numbered(steps)])


def _numbered(steps: Iterable[LeftToPeople]) -> Iterator[str]:
    for number, step in enumerate(steps, start=1):
        why = step.why.removeprefix("manual: ")
        yield comment(f"{number}. {step.what}: {why}")
        yield f"{_command(step.how.rstrip())}\n"


def _command(how: str) -> str:
    """Return the lines of a command; text that is not a command becomes a comment."""
    if not how:
        return "#    No command: see the report."
    if not how.startswith(IN_REQUEST):
        return how
    return "\n".join(f"#    {line.removeprefix('# ')}" for line in how.splitlines())
