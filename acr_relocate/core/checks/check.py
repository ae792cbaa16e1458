"""A check: a pure function from evidence to violations, named for the violation, with one severity."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import NamedTuple

from acr_relocate.core.evidence.evidence import Evidence
from acr_relocate.core.findings import Finding, Severity


class Violation(NamedTuple):
    """A message with the evidence, a remedy to paste, and the resource concerned."""

    message: str
    remedy: str
    resource: str


Find = Callable[[Evidence], Iterator[Violation]]


@dataclass(frozen=True)
class Check:
    """A function that finds one kind of violation. Its name is the code of its findings."""

    name: str
    severity: Severity
    doc: str
    find: Find
    required: bool = False

    def __call__(self, evidence: Evidence) -> Iterator[Finding]:
        """Yield a finding for each violation."""
        for message, remedy, resource in self.find(evidence):
            yield Finding(
                code=self.name,
                severity=self.severity,
                message=message,
                remedy=remedy,
                resource=resource,
                required=self.required,
            )


def check(severity: Severity, *, required: bool = False) -> Callable[[Find], Check]:
    """Make a function a check: its name is the code, its docstring the entry in docs/checks.md.

    `required`: a decision that a run stops for.
    """

    def make(find: Find) -> Check:
        return Check(name=find.__name__, severity=severity, doc=find.__doc__ or "", find=find, required=required)

    return make
