"""The report as a page: Markdown for the Prefect UI and terminals, one HTML file for tickets and auditors."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from acr_relocate.core.content.broken import BrokenArtifact
from acr_relocate.core.content.import_plan import TagConflict
from acr_relocate.core.documents import markdown
from acr_relocate.core.documents.document import (
    Advice,
    AdviceList,
    Cell,
    Code,
    Details,
    Document,
    Table,
    Text,
    Tone,
    section,
)
from acr_relocate.core.errors import Failure
from acr_relocate.core.findings import Finding
from acr_relocate.core.outcomes import Outcome
from acr_relocate.core.plan.estimate import measured_words
from acr_relocate.core.registry.resource_ids import ResourceId
from acr_relocate.core.report.approval_section import approvals_table
from acr_relocate.core.report.plan_page import EMBEDDED, decisions, steps_table
from acr_relocate.core.report.report import LeftToPeople, PhaseResult, Report, failed_verdict
from acr_relocate.core.report.verdicts import because
from acr_relocate.core.verification import Difference, unclean
from acr_relocate.core.wording import comment, duration, plural


def report_markdown(report: Report) -> str:
    """Return the report as Markdown, verdict first."""
    return markdown.to_markdown(report_document(report))


def report_document(report: Report) -> Document:
    """Return the report as a document: the verdict, blockers, plan, results and manual steps."""
    title, tone = _verdict(report)
    return Document(
        title=title,
        tone=tone,
        notice=EMBEDDED if report.embedded else "",
        lead=(
            _what(report),
            Code(f"from {report.source_id}\nto   {report.target_id}"),
            *_verified(report),
        ),
        sections=(
            *section("Blockers and failures", _failures(report.failures), _findings(report, "blocker")),
            *section("Differences", _differences(unclean(report.differences))),
            *section("Tags that name another digest at the target", *_conflicts(report.conflicts)),
            *section("Broken at the source", _blocked(report.blocked)),
            *section("Optional decisions", decisions(report.open_decisions)),
            *section("Approvals", approvals_table(report.approvals)),
            *section("Planned", steps_table(report.planned)),
            *section("Phases", _phases(report.phases)),
            *section("Imports", *_imports(report)),
            *section("Renamed at the target", Table(("at the source", "at the target"), tuple(report.rename.items()))),
            *section("Deleted at the source since the last import", _deleted(report, unselected=False)),
            *section("Brought earlier, and no longer selected", _deleted(report, unselected=True)),
            *section("Rolled back" if report.flow == "discard" else "Cut over", _outcomes(report.cut_over)),
            *section("Rehearsal", *_rehearsal(report)),
            *section("Manual steps", *_left(report.left_to_people)),
            *section("Notes and warnings", _findings(report, "warning", "note"), _extra(report.differences)),
        ),
    )


def _verdict(report: Report) -> tuple[str, Tone]:
    source, target = (ResourceId(one).name for one in (report.source_id, report.target_id))
    done = {
        "relocated": f"{source} is relocated to {target}",
        "prepared": f"{target} is prepared; the cut-over from {source} is still to come",
        "copied": f"{source} is copied to {target}",
        "in_sync": f"{target} is in sync with {source}",
        "equal": f"{source} and {target} are equal",
        "deleted": f"{source} is deleted; {target} has taken its place",
        "discarded": f"The relocation of {source} to {target} is rolled back",
        "switched_back": f"Dependents are switched back from {target} to {source}",
        "rehearsed": f"The relocation of {source} to {target} is rehearsed",
    }
    undone = {
        "not_relocated": f"{source} is not relocated",
        "not_copied": f"{source} is not fully copied to {target}",
        "different": f"{source} and {target} differ",
        "not_compared": f"{source} and {target} could not be compared",
        "not_discarded": f"The relocation of {source} to {target} is not rolled back",
        "not_deleted": f"{source} is not deleted",
        "not_switched_back": f"Dependents are not all switched back from {target} to {source}",
        "not_rehearsed": f"The relocation of {source} to {target} is not rehearsed to its end",
    }
    if report.verdict in done:
        return done[report.verdict], "good"
    failed = failed_verdict(report.flow) if report.verdict == "blocked" else report.verdict
    short_of = f"{source} is relocated to {target}, but not deleted" if report.was_to_delete else undone[failed]
    return f"{short_of}: {because(report)}", "bad"


def _what(report: Report) -> Text:
    if not report.plan_id:
        return Text(f"The run failed before its first phase{_when(report)}.")
    return Text(f"Plan `{report.plan_id}`, {duration(report.seconds)}{_when(report)}.")


def _when(report: Report) -> str:
    began, ended = _moment(report.started_at), _moment(report.ended_at)
    return f", from {began} to {ended} UTC" if began and ended else ""


def _moment(written: str) -> str:
    """Return a moment in readable form; it is UTC."""
    return written.removesuffix("+00:00").replace("T", " ")


def _verified(report: Report) -> Iterator[Text]:
    """Yield the result of the verification in one line."""
    verified = [phase for phase in report.phases if phase.name == "verify" and phase.status == "done"]
    if verified:
        yield Text(f"Verified: {verified[-1].summary}.")


def _rehearsal(report: Report) -> Iterator[Text | Table]:
    """Yield the times that a rehearsal measured, and the removal of all that it made."""
    if report.rehearsal:
        yield Text(f"Measured: {measured_words(report.rehearsal.times)}.")
        if effect := report.rehearsal.replica:
            yield Text(f"Replica: {effect.words}.")
        if left := report.rehearsal.calls_left:
            told = ", ".join(f"{number} {kind}" for kind, number in left.items())
            yield Text(f"Fewest calls left that Azure reported: {told}. Others with this identity use the same limits.")
        yield _outcomes(report.rehearsal.cleaned)


def _findings(report: Report, *severities: str) -> AdviceList:
    found: Iterable[Finding] = (finding for finding in report.findings if finding.severity in severities)
    return AdviceList(tuple(Advice(finding.severity, finding.message, finding.remedy) for finding in found))


def _failures(failures: Iterable[Failure]) -> Table:
    rows = ((Cell(one.resource, one.code) if one.resource else one.code, one.message, one.remedy) for one in failures)
    return Table(("failure", "reason", "remedy"), tuple(rows))


def _differences(differences: Iterable[Difference]) -> Table:
    rows = ((one.kind, one.message, one.cause, one.remedy) for one in differences)
    return Table(("kind", "difference", "cause", "what to do"), tuple(rows))


def _extra(differences: Iterable[Difference]) -> Details | None:
    extra = [difference for difference in differences if difference.kind == "extra"]
    rows = ((one.subject, one.message, one.cause, one.remedy) for one in extra)
    title = f"The target also holds {plural(len(extra), 'thing')} that the source does not have"
    return Details(title, Table(("what", "difference", "cause", "what to do"), tuple(rows))) if extra else None


def _conflicts(conflicts: Iterable[TagConflict]) -> Iterator[Table | Text]:
    rows = tuple((f"{c.repository}:{c.tag}", f"`{c.source_digest}`", f"`{c.target_digest}`") for c in conflicts)
    if rows:
        yield Table(("tag", "at the source", "at the target"), rows)
        yield Text("To move these tags at the target, run again with `force: true`.")


def _blocked(blocked: Iterable[BrokenArtifact]) -> Table:
    rows = ((f"{b.repository}@{b.digest}", ", ".join(b.tags), b.reason, b.remedy) for b in blocked)
    return Table(("digest", "tags", "why", "what to do"), tuple(rows))


def _phases(phases: Iterable[PhaseResult]) -> Table:
    rows = ((p.name, p.status.replace("_", " "), p.summary, duration(p.seconds)) for p in phases)
    return Table(("phase", "", "result", "time"), tuple(rows))


def _imports(report: Report) -> Iterator[Table | Text]:
    imports = report.imports
    if not imports.total:
        if report.verdict in {"relocated", "prepared", "in_sync"} and report.flow in {"relocate", "sync"}:
            yield Text("Nothing was missing at the target.")
        return
    numbers = ("total", "created", "already_there", "skipped", "failed", "tags", "throttled")
    rows = [(name.replace("_", " "), f"{getattr(imports, name):,}") for name in numbers]
    rate = imports.total / imports.seconds if imports.seconds else 0.0
    yield Table(("", "imports"), (*rows, ("time", f"{duration(imports.seconds)}, {rate:.1f} a second")))


def _deleted(report: Report, *, unselected: bool) -> Table:
    tags = (tag for tag in report.deleted if tag.unselected == unselected)
    became = {outcome.subject: _became(outcome) for outcome in report.pruned}
    rows = ((tag.name, f"`{tag.digest}`", became.get(tag.name, "still there")) for tag in tags)
    return Table(("tag", "digest", "at the target"), tuple(rows))


def _became(outcome: Outcome) -> str:
    return "deleted" if outcome.ok else f"still there: {outcome.reason or outcome.failure}"


def _outcomes(outcomes: Iterable[Outcome]) -> Table:
    rows = ((one.subject, one.kind.replace("_", " "), one.reason or str(one.failure or "")) for one in outcomes)
    return Table(("what", "", "why"), tuple(rows))


def _named(entry: LeftToPeople) -> str:
    return f"{entry.what}: {entry.why.removeprefix('manual: ')}"


def _left(entries: Iterable[LeftToPeople]) -> Iterator[AdviceList | Code]:
    every = tuple(entries)
    yield AdviceList(tuple(Advice(entry.what, entry.why) for entry in every if not entry.how))
    pasted = "\n\n".join(f"{comment(_named(entry))}\n{entry.how}" for entry in every if entry.how)
    yield Code(pasted, title="Commands" if pasted else "")
