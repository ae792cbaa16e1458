"""The catalogue of all checks, as Markdown: `python -m acr_relocate.core.checks.catalogue > docs/checks.md`."""

import inspect
import sys
from collections.abc import Iterator

from acr_relocate.core.checks.check import Check
from acr_relocate.core.checks.failures import FAILURES
from acr_relocate.core.checks.preflight import PARAGRAPHS, PREFLIGHT, Rule
from acr_relocate.core.documents.markdown_parts import table

_TITLE = """# Checks

The checks of `acr-relocate plan`, which run before anything is changed. They only read: a Reader's role with the right
to pull is enough. Anything unreadable is a finding of its own (`could_not_be_read`), never taken for absent.

A finding has the check's name as its code, a message with the evidence, and a remedy to paste: a command, or a field of
the request. A **blocker** stops the relocation, a **decision** needs a person to choose, a **warning** may surprise, a
**note** is for the record. Sources: F and a number is a failure mode seen in the wild (at the end of this page), D/ is
Azure's documentation of Container Registry.

This page is generated from the checks themselves (`acr_relocate/core/checks/`). Each is a pure function from evidence
to violations; to add one see [adding.md](adding.md).
"""


def catalogue() -> str:
    """Return the page: the chain in its order, in paragraphs that state its assumptions."""
    counted = f"All of the {len(PREFLIGHT)} checks run, in this order, also after a blocker."
    seen = table(("", "failure", "seen in"), [(name, *facts) for name, facts in FAILURES.items()])
    return "\n".join([_TITLE, counted, *_sections(), "\n## Failure modes\n", seen]) + "\n"


def _sections() -> Iterator[str]:
    for number, (claim, rules) in enumerate(PARAGRAPHS, start=1):
        yield f"\n## {number}. {claim}\n"
        yield table(("code", "severity", "finds", "source"), [_row(rule) for rule in rules])


def _row(rule: Rule) -> tuple[str, str, str, str]:
    name = rule.name if isinstance(rule, Check) else rule.__name__
    severity = rule.severity if isinstance(rule, Check) else "any"
    words, _, source = inspect.cleandoc(explanation(rule)).partition("Source:")
    return f"`{name}`", severity, " ".join(words.split()), " ".join(source.split())


def explanation(rule: Rule) -> str:
    """Return the docstring of a check."""
    return (rule.doc if isinstance(rule, Check) else rule.__doc__) or ""


if __name__ == "__main__":
    sys.stdout.write(catalogue())
