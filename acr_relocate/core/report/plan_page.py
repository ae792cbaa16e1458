"""The plan as a page: Markdown for the Prefect UI and terminals, one HTML file for everybody else."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Final

from acr_relocate.core.checks.decision_defaults import decision_default
from acr_relocate.core.dependencies.model import FAMILIES, STRATEGIES, Dependency, DependencyMap
from acr_relocate.core.documents import markdown
from acr_relocate.core.documents.document import (
    Advice,
    AdviceList,
    BulletList,
    Cell,
    Code,
    Details,
    Diagram,
    Document,
    Section,
    Table,
    Text,
    Tone,
    section,
)
from acr_relocate.core.findings import Finding
from acr_relocate.core.plan.plan import Plan
from acr_relocate.core.plan.steps import Counts, Step
from acr_relocate.core.report.diagrams import drawing, flowchart
from acr_relocate.core.report.name_section import name_section
from acr_relocate.core.report.network_section import network_section
from acr_relocate.core.wording import comment, duration, plural, size

_MAP: Final = "Dependency map"
EMBEDDED = "Embedded Azure: this ran against `local_azure` on this computer. Nothing in Azure was read or changed."


def plan_markdown(plan: Plan, *, embedded: bool) -> str:
    """Return the plan as Markdown, verdict first, without its map, which is a page of its own."""
    document = plan_document(plan, embedded=embedded)
    others = tuple(each for each in document.sections if each.title != _MAP)
    return markdown.to_markdown(replace(document, sections=others))


def map_markdown(plan: Plan) -> str:
    """Return the map of the dependencies as Markdown."""
    title = f"Dependencies of {plan.source.name}"
    return markdown.to_markdown(Document(title=title, tone="plain", lead=(), sections=_map(plan)))


def plan_document(plan: Plan, *, embedded: bool) -> Document:
    """Return the plan as a document, verdict first."""
    request, drawn = plan.request, plan.dependencies
    move = f"{plan.source.name} in {plan.source.location} to {request.target.name} in {request.target.location}"
    light = [finding for finding in plan.findings if finding.severity not in {"blocker", "decision"}]
    title, tone = _verdict(plan)
    return Document(
        title=title,
        tone=tone,
        notice=EMBEDDED if embedded else "",
        lead=(Text(f"Plan `{plan.plan_id}`: {move}. Nothing has been changed to make it."),),
        facts=_facts(plan),
        sections=(
            *section("Blockers", _findings(plan.blockers)),
            *section("Required decisions", _findings(plan.required_decisions)),
            *section("Optional decisions", decisions(plan.decisions)),
            *section("Changes", steps_table(plan.steps), _resources(plan)),
            *_times(plan),
            *name_section(plan.name_keeping),
            *section("Content", _counts(plan), _largest(plan)),
            *section("Costs", _costs(plan)),
            *_map(plan),
            *network_section(plan.network),
            *section("Manual steps", *_manual(drawn)),
            *section("How to roll back", BulletList(plan.undo, numbered=True)),
            *section("Notes and warnings", _findings(light)),
        ),
    )


def _verdict(plan: Plan) -> tuple[str, Tone]:
    source, target, location = plan.source.name, plan.request.target.name, plan.request.target.location
    if plan.blockers:
        return f"{source} cannot move to {location}: {plural(len(plan.blockers), 'blocker')}", "bad"
    if not plan.changes:
        return f"No changes: {target} in {location} already is what this request asks for", "good"
    if plan.required_decisions:
        decided = plural(len(plan.required_decisions), "required decision")
        return f"{source} can move to {location} after {decided}: {plural(plan.changes, 'change')}", "plain"
    decisions = f", {plural(len(plan.decisions), 'optional decision')}" if plan.decisions else ""
    return f"{source} can move to {location}: {plural(plan.changes, 'change')}{decisions}", "good"


def _facts(plan: Plan) -> tuple[tuple[str, str], ...]:
    recommended = [method.name for method in plan.methods if method.recommended]
    counts = plan.counts
    least = duration(plan.estimate.import_seconds)
    times = (("imports take at least", least), ("recommended", recommended[0] if recommended else "-"))
    return (
        ("blockers", str(len(plan.blockers))),
        ("optional decisions", str(len(plan.decisions))),
        ("imports", f"{counts.imports:,}" if counts else "unknown"),
        ("size, at most", size(counts.size_bytes) if counts else "unknown"),
        *(times if plan.changes else ()),
        ("dependencies", str(len(plan.dependencies.dependencies))),
        ("manual steps", str(len(plan.dependencies.manual))),
    )


def _findings(findings: Iterable[Finding]) -> AdviceList:
    return AdviceList(tuple(Advice(finding.severity, finding.message, finding.remedy) for finding in findings))


def _resources(plan: Plan) -> Details:
    """Return the resources to create or change, one by one."""
    rows = (
        (each.change, each.resource, each.detail)
        for step in plan.steps
        for each in step.resources
        if each.change != "nothing"
    )
    return Details("Each resource", Table(("action", "resource", "settings"), tuple(rows)))


def decisions(findings: Iterable[Finding]) -> AdviceList:
    """Return the decisions with their defaults: none of them stops the run."""
    return AdviceList(
        tuple(Advice("decision", f"{one.message} Default: {decision_default(one)}.", one.remedy) for one in findings)
    )


def steps_table(steps: Iterable[Step]) -> Table:
    """Return the steps as a diff: the creations and changes of each."""
    rows = (
        (str(step.number), Cell(step.title, step.description), step.change, step.changes or "nothing") for step in steps
    )
    return Table(("", "step", "action", "changes"), tuple(rows))


def _times(plan: Plan) -> tuple[Section, ...]:
    """Return the time that the changes take; nothing without changes."""
    if not plan.changes:
        return ()
    return section("Time and downtime", Text(_time(plan)), _methods(plan), _alternative(plan))


def _time(plan: Plan) -> str:
    least = duration(plan.estimate.import_seconds)
    longest = duration(plan.estimate.longest_seconds)
    slowly = f", and up to {longest} if bytes are copied slowly ({plan.estimate.longest_basis})"
    said = f"The imports take at least {least}{'' if longest == least else slowly}: {plan.estimate.basis}."
    return f"{said} Deployment and verification time is extra."


def _methods(plan: Plan) -> Table:
    rows = [
        (
            Cell(method.name),
            f"{method.how}{' Recommended: ' + method.why if method.recommended else ''}",
            method.downtime,
        )
        for method in plan.methods
    ]
    return Table(("", "how", "downtime"), tuple(rows))


def _alternative(plan: Plan) -> Text | None:
    if plan.alternative is None:
        return None
    beginning = "Instead: geo-replication." if plan.alternative.fits else "No alternative: geo-replication."
    return Text(f"{beginning} {plan.alternative.why}")


def _counts(plan: Plan) -> Table | Text:
    counts = plan.counts
    if counts is None:
        return Text("The amount of content is unknown, because it could not be listed.")
    rows = (
        ("repositories", f"{counts.repositories:,}"),
        *((("of these, renamed at the target", f"{counts.renamed:,}"),) if counts.renamed else ()),
        ("tags", f"{counts.tags:,}"),
        ("manifests", f"{counts.manifests:,}"),
        ("size, at most", size(counts.size_bytes)),
        *((("stored by the source, shared layers once", size(counts.stored_bytes)),) if counts.stored_bytes else ()),
        ("size that the target lacks, at most", size(counts.missing_bytes)),
        *_unused(plan),
        ("importImage calls", f"{counts.imports:,}"),
        *_pushes(counts),
        ("indexes pushed after their parts", f"{counts.pushed:,}"),
        ("other calls that change something, at most", f"{_other_writes(plan):,}"),
        ("digests already there", f"{counts.already_there:,}"),
        ("tags in conflict", f"{counts.conflicts:,}"),
        ("artifacts broken at the source", f"{counts.blocked:,}"),
    )
    return Table(("what", "count"), rows)


def _largest(plan: Plan) -> Details | None:
    """Return the largest repositories."""
    if plan.counts is None or not plan.counts.largest:
        return None
    rows = tuple((one.repository, size(one.size_bytes), f"{one.tags:,}") for one in plan.counts.largest)
    return Details("The largest repositories", Table(("repository", "size, at most", "tags"), rows))


def _costs(plan: Plan) -> Table:
    """Return the costs beside those of the source alone."""
    prices = plan.request.prices
    rows = tuple(
        (one.what, one.quantity, "not given" if one.amount is None else f"{one.amount:,.2f} {prices.currency}")
        for one in plan.costs
    )
    return Table(("what", "how much", f"price of {prices.as_of}" if prices.as_of else "price"), rows)


def _unused(plan: Plan) -> tuple[tuple[str, str], ...]:
    """Return what is left out because it was not pulled lately; nothing if the selection does not ask for that."""
    since, counts = plan.request.selection.pulled_since, plan.counts
    if not since or counts is None:
        return ()
    return (
        ("tags not pulled lately, left out", f"{counts.pulls.unused:,}, at most {size(counts.pulls.unused_bytes)}"),
        ("tags kept, of which pulls are unknown", f"{counts.pulls.unknown:,}"),
    )


def _pushes(counts: Counts) -> tuple[tuple[str, str], ...]:
    """Return what is pushed beside the imports, the right that it takes, and what it saves; nothing without any."""
    if not counts.small:
        return ()
    saved = f"{counts.small:,}; needs the right to push at the target, and ends {duration(counts.saved_seconds)} sooner"
    return (("missing tags and small artifacts pushed", saved),)


def _other_writes(plan: Plan) -> int:
    return sum(step.writes for step in plan.steps if step.action != "import")


def _map(plan: Plan) -> tuple[Section, ...]:
    drawn = plan.dependencies
    if not drawn.dependencies and not drawn.unread:
        return ()
    unread = ((entry.what, entry.reason, entry.remedy) for entry in drawn.unread)
    lists = (
        Details(f"{strategy}: {STRATEGIES[strategy]} ({len(drawn.of(strategy))})", _dependencies(drawn.of(strategy)))
        for strategy in STRATEGIES
    )
    return section(
        _MAP,
        Diagram(mermaid=flowchart(plan), svg=drawing(plan)),
        Text(_summary(drawn)),
        *lists,
        Table(("not read", "why", "what to do"), tuple(unread)),
    )


def _summary(drawn: DependencyMap) -> str:
    found = plural(len(drawn.dependencies), "dependency")
    return (
        f"{found}, readable by this identity; {len(drawn.manual)} need manual work (a ring, or a dashed "
        "border, in the picture). The lists below give the action for each."
    )


def _dependencies(entries: Iterable[Dependency]) -> Table:
    rows = ((Cell(entry.name, _where(entry)), f"{entry.tie} ({entry.found})", entry.action) for entry in entries)
    return Table(("resource", "dependency", "action"), tuple(rows))


def _where(entry: Dependency) -> str:
    return ", ".join(filter(None, [entry.label, entry.region, entry.group]))


def _manual(drawn: DependencyMap) -> Iterator[Code]:
    """Yield the commands by family: fill in the placeholders, then paste a block."""
    for family in FAMILIES:
        entries = [entry for entry in drawn.manual if entry.family == family]
        if entries:
            yield Code("\n\n".join(map(_command, entries)), title=f"{family} ({len(entries)})")


def _command(entry: Dependency) -> str:
    what = f"{entry.label} {entry.name}: {entry.action.removeprefix('manual: ')}"
    return f"{comment(what)}\n{entry.command}"
