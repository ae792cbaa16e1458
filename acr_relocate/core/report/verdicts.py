"""The verdict of a run in one line, the last one that a command prints. Each command has a family of its own."""

from __future__ import annotations

from typing import Final

from acr_relocate.core.approval.decision import Decision
from acr_relocate.core.content.broken import unaccepted
from acr_relocate.core.content.import_preview import Preview
from acr_relocate.core.plan.plan import Plan
from acr_relocate.core.registry.resource_ids import ResourceId
from acr_relocate.core.report.report import Report
from acr_relocate.core.verification import unclean
from acr_relocate.core.wording import plural

_FAILED: Final = {
    "not_relocated": "not relocated",
    "not_copied": "not copied",
    "different": "different",
    "not_compared": "not compared",
    "not_discarded": "not discarded",
    "not_deleted": "not deleted",
    "not_switched_back": "not switched back",
    "not_rehearsed": "rehearsal stopped",
    "blocked": "blocked",
}


def plan_verdict(plan: Plan) -> str:
    """Return `planned: no changes`, `planned: 29 changes, 3 optional decisions` or `planned: blocked, 2 blockers`.

    A decision that a run stops for comes first: `planned: 1 required decision, then 29 changes`.
    """
    if plan.blockers:
        return f"planned: blocked, {plural(len(plan.blockers), 'blocker')}"
    optional = [plural(len(plan.decisions), "optional decision")] if plan.decisions and plan.changes else []
    required = f"{plural(len(plan.required_decisions), 'required decision')}, then " if plan.required_decisions else ""
    return f"planned: {required}{', '.join([plural(plan.changes, 'change', none='no changes'), *optional])}"


def preview_verdict(preview: Preview) -> str:
    """Return the verdict of a dry run, in the words of a plan."""
    conflicts = [plural(len(preview.conflicts), "conflict")] if preview.conflicts else []
    imports = plural(len(preview.items), "import", none="no changes")
    return f"planned: {', '.join([imports, *conflicts])}"


def report_verdict(report: Report) -> str:
    """Return the verdict of a run with changes, or of a comparison."""
    if report.flow == "rehearse":
        return _rehearsed(report)
    if report.was_to_delete and report.verdict in _FAILED:
        return f"relocated, not deleted: {because(report)}"
    if report.verdict in _FAILED:
        return f"{_FAILED[report.verdict]}: {because(report)}"
    later = "the cut-over is still to come; " if report.verdict == "prepared" else ""
    said = {
        "relocated": _left(report),
        "prepared": f"{later}{_left(report)}",
        "copied": _copied(report),
        "in_sync": "nothing to import",
        "equal": _compared(report),
        "discarded": _discarded(report),
        "switched_back": _switched_back(report),
        "deleted": _name(report.source_id),
    }
    return f"{report.verdict.replace('_', ' ')}: {said[report.verdict]}"


def _rehearsed(report: Report) -> str:
    """Return the numbers of steps taken, left out and refused, or the step in which the rehearsal stopped and why."""
    steps = [phase for phase in report.phases if not phase.name.startswith("approval")]
    taken, idle = (sum(phase.status == status for phase in steps) for status in ("done", "nothing_to_do"))
    stopped = [phase.name for phase in steps if phase.status in {"failed", "not_reached"}]
    if stopped and report.verdict != "rehearsed":
        why = report.failures[0].code if report.failures and report.verdict != "blocked" else because(report)
        return f"rehearsal stopped: {stopped[0]}, {why}"
    said = [f"rehearsed: {plural(taken, 'step')} taken", *([f"{idle} had nothing to do"] if idle else [])]
    differing = len(unclean(report.differences))
    differences = [plural(differing, "difference")] if differing else []
    return ", ".join([*said, f"{len(report.failures)} refused", *differences])


def remaining_verdict(report: Report) -> str:
    """Return the result of a run that is not clean, as the beginning of a sentence."""
    if report.flow == "rehearse":
        return "Azure refused a part of the rehearsal"
    return f"{_name(report.source_id)} is not level with {_name(report.target_id)}"


def _left(report: Report) -> str:
    manual, decisions = len(report.left_to_people), len(report.open_decisions)
    said = [plural(manual, "manual step")] if manual else []
    said += [plural(decisions, "decision")] if decisions else []
    return f"{' and '.join(said)} open" if said else "nothing left to do"


def _copied(report: Report) -> str:
    pruned = sum(one.ok for one in report.pruned)
    said = [f"{plural(report.imports.created, 'image')}, {plural(report.imports.tags, 'tag')}"]
    return ", ".join([*said, *([f"{plural(pruned, 'tag')} pruned"] if pruned else [])])


def _discarded(report: Report) -> str:
    removed = sum(one.kind == "removed" for one in report.cut_over)
    return f"{plural(removed, 'resource')} removed" if removed else "nothing was left of it"


def _switched_back(report: Report) -> str:
    restored, left = (sum(one.kind == kind for one in report.cut_over) for kind in ("removed", "skipped"))
    said = [plural(restored, "dependent", none="no dependent was switched")] if restored or not left else []
    return ", ".join([*said, *([f"{plural(left, 'dependent')} left"] if left else [])])


def _compared(report: Report) -> str:
    verified = [phase.summary for phase in report.phases if phase.name == "verify" and phase.summary]
    return verified[-1] if verified else "no differences"


def because(report: Report) -> str:
    """Return in a few words why a run did not reach its goal."""
    rejected = [each for each in report.approvals if each.decision is Decision.REJECT]
    if rejected:
        return f"rejected by {rejected[-1].by} {rejected[-1].stage.words}"
    if report.verdict == "blocked":
        blockers = sum(finding.severity == "blocker" for finding in report.findings)
        changed = "" if report.changed_something or report.flow == "rehearse" else ", nothing was changed"
        return f"{plural(blockers, 'blocker')}{changed}"
    counts = {
        "failure": len(report.failures),
        "conflict": len(report.conflicts),
        "artifact broken at the source": len(unaccepted(report.blocked)),
        "difference": len(unclean(report.differences)),
    }
    said = [_counted(count, what) for what, count in counts.items() if count]
    return ", ".join(said) or "see the report"


def _counted(count: int, what: str) -> str:
    noun, *rest = what.split(" ", 1)
    return " ".join([plural(count, noun), *rest])


def _name(resource_id: str) -> str:
    return ResourceId(resource_id).name
