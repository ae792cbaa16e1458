"""The last lines of a command: at most 15 lines of 80 columns, the verdict last. The rest is in the report."""

from __future__ import annotations

import re
import textwrap
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Final

from acr_relocate.core.checks.decision_defaults import decision_default
from acr_relocate.core.content.import_preview import Preview
from acr_relocate.core.content.source_freeze import RESTORE_CODES
from acr_relocate.core.findings import Finding
from acr_relocate.core.plan.estimate import measured_words
from acr_relocate.core.plan.plan import Plan
from acr_relocate.core.plan.steps import CUT_OVER, DEFERRED, IMPORT, LOCKS, REDEPLOY, REPLICATE, Step
from acr_relocate.core.registry.resource_ids import ResourceId
from acr_relocate.core.report.manual_steps import steps_of_plan
from acr_relocate.core.report.report import RehearsalResult, Report
from acr_relocate.core.report.verdicts import plan_verdict, preview_verdict, report_verdict
from acr_relocate.core.verification import unclean
from acr_relocate.core.wording import duration, plural, size

SUMMARY_COLUMNS: Final = 80
LINES: Final = 15
LABEL: Final = 13
_SHOWN: Final = 3
"""Entries of a list; the rest is counted."""

SHORT: Final = {
    "Create resource group": "group",
    REDEPLOY: "deploy",
    REPLICATE: "replica",
    IMPORT: "import",
    LOCKS: "locks",
    CUT_OVER: "cut over",
    DEFERRED: "deferred",
}
"""Short names of the steps."""
_METHODS: Final = {
    "cold": "cold (stop pulls and pushes)",
    "warm": "warm (pulls go on)",
    "hot": "hot",
}
"""The methods of a relocation, with what they ask of clients."""
_PHASES: Final = (
    "inventory",
    "import",
    "cut over",
    "verify",
    "switch dependents",
    "switch back",
    "discard",
    "delete",
    "clean up",
)
"""The phases whose results are lines of the summary of a run."""
_RESOURCE_ID: Final = re.compile(r"/subscriptions/[^\s,;]*/([^/\s,;]+/[^/\s,;]+)")

Places = Sequence[tuple[str, str]]
"""Pointers to more: a label and a path or an address, which is never cut."""


def labelled(label: str, text: str) -> str:
    """Return the lines of an entry of a summary, wrapped below its label; an address keeps its one line if it can."""
    return wrapped(f"{f'{label}:':{LABEL}} {text}", LABEL + 1) if " " in text else _place(label, text)


def wrapped(text: str, indent: int) -> str:
    """Return the text in lines for a terminal, all but the first indented; a word is never broken."""
    return textwrap.fill(
        text, SUMMARY_COLUMNS, subsequent_indent=" " * indent, break_long_words=False, break_on_hyphens=False
    )


def plan_summary(plan: Plan, places: Places = (), *, embedded: bool = False) -> str:
    """Return the summary of a plan."""
    counts = plan.counts
    content = (
        f"{plural(counts.repositories, 'repository')}, {plural(counts.tags, 'tag')}, at most {size(counts.size_bytes)}"
        if counts
        else "unknown: it could not be listed"
    )
    unused = counts.pulls.unused if counts else 0
    content += f"; {plural(unused, 'tag')} not pulled lately" if unused else ""
    recommended = [f"; recommended: {_METHODS[method.name]}" for method in plan.methods if method.recommended]
    least = duration(plan.estimate.import_seconds)
    lines = (
        *_azure(embedded=embedded),
        *_not_restored(plan.findings),
        _line("Move", _move(plan)),
        *_changes(plan),
        _line("Content", content),
        *([_line("Time", f"imports take at least {least}{''.join(recommended)}")] if plan.changes else []),
        *([_line("Name", plan.name_keeping.advice)] if plan.name_keeping else []),
        _line("Dependencies", _dependencies(plan)),
        *_findings("Blockers", plan.blockers),
        *_findings("Decide first", plan.required_decisions),
        *_decisions(plan.decisions),
    )
    return _summary(lines, places, plan_verdict(plan))


def preview_summary(preview: Preview, places: Places = ()) -> str:
    """Return the summary of a dry run."""
    counted = f"{plural(len(preview.items), 'digest')}, {plural(preview.tag_count, 'tag')}, at most "
    out = {"repository": len(preview.left_out.repositories), "tag": len(preview.left_out.tags)}
    out |= {"manifest": preview.left_out.manifests}
    lines = (
        *_not_restored(preview.findings),
        _line("Would import", f"{counted}{size(preview.size_bytes)}" if preview.items else "nothing"),
        _line("There already", plural(preview.already_there, "digest")),
        _line("Not selected", ", ".join(plural(count, what) for what, count in out.items() if count) or "nothing"),
        *([_line("Conflicts", plural(len(preview.conflicts), "tag"))] if preview.conflicts else []),
        *([_line("Not copied", plural(len(preview.blocked), "image"))] if preview.blocked else []),
    )  # fmt: skip
    return _summary(lines, places, preview_verdict(preview))


def report_summary(report: Report, places: Places = ()) -> str:
    """Return the summary of a run."""
    failures = tuple(f"{one.code}: {one.message}" for one in report.failures if one.code != "ApprovalNeeded")
    differences = tuple(one.message for one in unclean(report.differences))
    blockers = tuple(finding for finding in report.findings if finding.severity == "blocker")
    lines = (
        *_azure(embedded=report.embedded),
        _line("Run", _run(report)),
        *_not_restored(report.findings),
        *_phases(report),
        *_findings("Blockers", blockers),
        *_list("Failures", failures),
        *_list("Differences", differences),
        *(_measured(report.rehearsal) if report.rehearsal else _left(report)),
    )
    return _summary(lines, places, report_verdict(report))


def _measured(rehearsal: RehearsalResult) -> list[str]:
    """Return the times of a rehearsal, and the effect of a replica if that was measured."""
    effect = [_line("Replica", rehearsal.replica.words)] if rehearsal.replica else []
    return [_line("Measured", measured_words(rehearsal.times)), *effect]


def _left(report: Report) -> list[str]:
    """Return the manual steps and the open decisions, counted."""
    return [
        *([_line("Manual steps", str(len(report.left_to_people)))] if report.left_to_people else []),
        *([_line("Decisions", f"{len(report.open_decisions)} open")] if report.open_decisions else []),
    ]


def _summary(lines: Iterable[str], places: Places, verdict: str) -> str:
    """Return as many of the lines as fit, the pointers to more, and the verdict."""
    where = [_place(label, place) for label, place in places]
    room = LINES - 1 - sum(-(-len(each) // SUMMARY_COLUMNS) for each in where)
    return "\n".join([*list(lines)[:room], *where, _cut(verdict)])


def _place(label: str, place: str) -> str:
    aligned = f"{label + ':':{LABEL}} {place}"
    return aligned if len(aligned) <= SUMMARY_COLUMNS else f"{label}: {place}"


def _azure(*, embedded: bool) -> list[str]:
    return [_line("Azure", "embedded (local_azure): nothing in Azure was read or changed")] if embedded else []


def _line(label: str, text: str) -> str:
    return _cut(f"{f'{label}:' if label else '':{LABEL}} {text}")


def _cut(line: str) -> str:
    """Return the line, cut with … if it is too long: the report has all of it."""
    flat = _RESOURCE_ID.sub(r"…/\1", " ".join(line.split("\n")))
    return flat if len(flat) <= SUMMARY_COLUMNS else f"{flat[: SUMMARY_COLUMNS - 1].rstrip()}…"


def _changes(plan: Plan) -> list[str]:
    steps = [step for step in plan.steps if step.change in {"create", "change", "unknown"}]
    if not steps:
        return [_line("Changes", f"No changes. {plan.request.target.name} has the requested state.")]
    said = [f"{SHORT.get(step.title, step.title)} {max(step.writes, 1):,}" for step in steps]
    made: Counter[str] = Counter()
    for step in (one for one in steps if one.title not in {IMPORT, LOCKS}):
        kinds = [each.change for each in step.resources if each.change != "nothing"]
        made.update(kinds or dict.fromkeys([step.change], step.size))
    imports = next((_imports(plan, step) for step in steps if step.title == IMPORT), "0")
    counted = [f"{made['create']} to create, {made['change']} to change, {imports} to import"]
    counted += [f"{step.size:,} to lock" for step in steps if step.title == LOCKS]
    return [_line("Changes", ", ".join(counted)), _line("", ", ".join(said))]


def _move(plan: Plan) -> str:
    source, target = plan.source, plan.request.target
    if source.location == target.location:
        return f"{source.name} to {target.name}, both in {source.location}"
    return f"{source.name} ({source.location}) to {target.name} ({target.location})"


def _imports(plan: Plan, step: Step) -> str:
    return f"{step.size:,}" if plan.counts else "an unknown number"


def _dependencies(plan: Plan) -> str:
    found = plural(len(plan.dependencies.dependencies), "dependency")
    manual = len(steps_of_plan(plan))
    return f"{found}, {plural(manual, 'manual step')} afterwards" if manual else found


def _findings(label: str, findings: Sequence[Finding]) -> list[str]:
    return _list(label, [f"{finding.code}: {finding.message}" for finding in findings])


def _not_restored(findings: Sequence[Finding]) -> list[str]:
    return _findings("Not restored", [finding for finding in findings if finding.code in RESTORE_CODES])


def _decisions(findings: Sequence[Finding]) -> list[str]:
    if not findings:
        return []
    lines = [_line("Decisions", f"{len(findings)} optional; a run takes these defaults")]
    lines += [_entry(finding) for finding in findings[:_SHOWN]]
    return [*lines, *([_rest(len(findings) - _SHOWN)] if len(findings) > _SHOWN else [])]


def _entry(finding: Finding) -> str:
    """Return a decision in one line: what it is about, and its default, which is never shortened."""
    default = decision_default(finding)
    kind, _, name = finding.resource.rpartition("/")
    if name and not kind.endswith("/registries"):
        return _cut(f"  - {kind.rpartition('/')[2]}/{name}: {default}")
    said = _RESOURCE_ID.sub(r"…/\1", f"  - {finding.message}")
    room = SUMMARY_COLUMNS - len(default) - 3
    return _cut(f"{said if len(said) <= room else f'{said[: room - 1].rstrip()}…'} [{default}]")


def _list(label: str, entries: Sequence[str]) -> list[str]:
    if not entries:
        return []
    lines = [_line(label, str(len(entries))), *(_cut(f"  - {entry}") for entry in entries[:_SHOWN])]
    return [*lines, *([_rest(len(entries) - _SHOWN)] if len(entries) > _SHOWN else [])]


def _rest(count: int) -> str:
    return f"  - and {count} more"


def _run(report: Report) -> str:
    registries = [_name(one) for one in (report.source_id, report.target_id) if one]
    plan = [f"plan {report.plan_id}", duration(report.seconds)] if report.plan_id else []
    return ", ".join([" to ".join(registries), *plan])


def _name(registry: str) -> str:
    return ResourceId(registry).name


def _phases(report: Report) -> list[str]:
    said = {phase.name: phase.summary for phase in report.phases if phase.status == "done" and phase.summary}
    failed = [phase for phase in report.phases if phase.status == "failed"]
    lines = [_line(name.partition(" dependents")[0].capitalize(), said[name]) for name in _PHASES if name in said]
    return [*lines, *(_line("Failed in", f"{phase.name}") for phase in failed)]
