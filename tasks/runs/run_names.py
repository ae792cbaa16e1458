"""The name of a run: what it does to which registries, and the name that a person typed.

Prefect replaces the name that was typed in the form or sent by the API, such as a change number.
"""

import re
from collections.abc import Callable
from typing import Final

from prefect.runtime import flow_run

from acr_relocate.core.wording import visible

_GENERATED: Final = re.compile(r"[A-Za-z]+-[A-Za-z]+")
"""Names that Prefect makes up, such as `ergonomic-olingo`."""

LONGEST_TYPED: Final = 60


def keep_typed_name(pattern: str) -> Callable[[], str]:
    """Return a namer for a flow: the pattern with the run's parameters, then the typed name in brackets."""

    def name() -> str:
        return named(pattern.format(**flow_run.parameters), str(flow_run.name or ""))

    return name


def named(said: str, present: str) -> str:
    """Return the name of a run from what it does and its present name, which may be generated, typed or ours."""
    if present.startswith(said):  # it goes on, after a suspension or as a retry
        return present
    typed = " ".join(visible(present).split())[:LONGEST_TYPED]
    return said if not typed or _GENERATED.fullmatch(typed) else f"{said} ({typed})"
