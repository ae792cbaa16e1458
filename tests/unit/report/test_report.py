"""Plan and report as a person reads them."""

from datetime import UTC, datetime

import pytest

from acr_relocate.core.approval.decision import Approval, Decision
from acr_relocate.core.content.broken import BrokenArtifact
from acr_relocate.core.content.import_outcome import ImportOutcome
from acr_relocate.core.content.import_plan import ImportPlan, TagConflict, needed
from acr_relocate.core.documents.html import to_html
from acr_relocate.core.documents.markdown_parts import bounded_table, table
from acr_relocate.core.errors import Failure
from acr_relocate.core.findings import Finding
from acr_relocate.core.outcomes import DeployOutcome, Outcome
from acr_relocate.core.plan.estimate import estimate
from acr_relocate.core.plan.plan import Plan, build
from acr_relocate.core.progress import Progress
from acr_relocate.core.report.plan_page import plan_markdown
from acr_relocate.core.report.report import ImportSummary, LeftToPeople, PhaseResult, Report
from acr_relocate.core.report.report_page import report_document, report_markdown
from acr_relocate.core.report.summary import report_summary
from acr_relocate.core.request.approval_stage import Stage
from acr_relocate.core.request.identity import plan_id
from acr_relocate.core.request.selection import Selection
from acr_relocate.core.verification import Difference
from acr_relocate.core.wording import duration, size
from tests.support.builders import content, digest, image, index, registry, repository, request, selection, target_ref
from tests.unit.conftest import Golden

WANT = content(
    repository("app", index("i", "a"), image("a", size=5_000_000), image("sig", subject="a"), v1="i", latest="i"),
    repository("team/web", image("w", size=7_000), v1="w"),
)
BLOCKER = Finding(code="name_taken", severity="blocker", message="The name is taken.", remedy="Choose another | name.")
NOTE = Finding(code="webhook", severity="note", message="Webhook ci will call from northeurope.", remedy="Allow it.")


def plan(*findings: Finding) -> Plan:
    return build(request(), registry(), WANT, needed(WANT, content(), Selection()), findings)


def report(**fields: object) -> Report:
    defaults: dict[str, object] = {
        "plan_id": "0123456789ab",
        "embedded": False,
        "verdict": "relocated",
        "source_id": request().source.resource_id,
        "target_id": request().target_id,
        "phases": (
            PhaseResult(name="deploy", status="done", summary="1 registry, 4 children", seconds=61.2),
            PhaseResult(name="import", status="done", summary="40 of 40", seconds=8),
        ),
        "imports": ImportSummary(total=40, created=38, already_there=2, tags=120, throttled=3, seconds=8),
        "seconds": 75.0,
    }
    return Report.model_validate(defaults | fields)


def test_report_of_a_relocated_registry(golden: Golden) -> None:
    """Verdict first, then what was done."""
    golden("report/relocated.md", report_markdown(report(embedded=True, findings=(NOTE,))))


def test_report_of_a_registry_that_is_not_relocated(golden: Golden) -> None:
    """Verdict first, then each thing in the way with what to do."""
    missing = Difference(
        kind="tag",
        repository="app",
        subject="v1",
        source="sha256:1",
        target="",
        message="app:v1 is missing",
        cause="It was deleted.",
        remedy="Bring it.",
    )
    extra = Difference(
        kind="extra", repository="app", subject="v9", source="", target="sha256:9", message="app:v9 is only there"
    )
    failure = Failure(
        code="ImportRefused", message="The image has foreign layers.", resource="app@sha256:1", remedy="Push it."
    )
    conflict = TagConflict(repository="app", tag="v2", source_digest="sha256:2", target_digest="sha256:3")
    blocked = BrokenArtifact(
        repository="app", digest="sha256:4", tags=("all",), reason="51 manifests", remedy="Push it."
    )

    text = report_markdown(
        report(
            verdict="not_relocated",
            differences=(missing, extra),
            failures=(failure,),
            conflicts=(conflict,),
            blocked=(blocked,),
        )
    )

    golden("report/not_relocated.md", text)


def test_nothing_was_changed_is_only_said_where_it_is_true() -> None:
    """A refusal of the deletion at the end of a relocation does not undo the relocation."""
    page = report_markdown(report(verdict="blocked", findings=(BLOCKER,)))

    assert page.startswith("# contosoregistry is not relocated: 1 blocker\n")


def test_who_says_no_to_the_deletion_has_a_relocated_registry() -> None:
    """All else is done by then: the title says so, and who kept the source."""
    no = Approval(
        stage=Stage.BEFORE_DELETE,
        subject="0123456789abcdef",
        decision=Decision.REJECT,
        by="Bob Boss",
        at=datetime(2026, 11, 26, tzinfo=UTC),
        comment="not on a Friday",
    )
    consumers = PhaseResult(name="consumers", status="done", summary="none found", seconds=1)
    page = report_markdown(report(flow="relocate", verdict="not_relocated", approvals=(no,), phases=(consumers,)))

    title = page.partition("\n")[0]
    assert title.startswith("# contosoregistry is relocated to ")
    assert title.endswith(", but not deleted: rejected by Bob Boss before delete")


@pytest.mark.parametrize(
    ("embedded", "verdict", "linked"),
    [(False, "relocated", True), (True, "relocated", False), (False, "blocked", False)],
)
def test_the_portal_is_linked_where_it_has_something_to_show(embedded: bool, verdict: str, linked: bool) -> None:
    """A link to a registry that is not there, or only on this machine, leads nowhere."""
    assert report(embedded=embedded, verdict=verdict).is_at_azure is linked


def test_report_of_a_blocked_relocation(golden: Golden) -> None:
    """Nothing was changed, and the report says so."""
    golden(
        "report/blocked.md",
        report_markdown(report(verdict="blocked", findings=(BLOCKER,), phases=(), imports=ImportSummary())),
    )


def test_plan_that_can_be_carried_out(golden: Golden) -> None:
    """The plan tells what will be done, how much it is, how long it takes."""
    golden("report/plan.md", plan_markdown(plan(NOTE), embedded=True))


def test_plan_with_a_blocker(golden: Golden) -> None:
    """The blocker comes before everything else."""
    golden("report/plan_blocked.md", plan_markdown(plan(NOTE, BLOCKER), embedded=False))


def test_only_the_embedded_azure_has_a_banner() -> None:
    """Neither Azure is ever taken for the other."""
    assert "Embedded Azure" in report_markdown(report(embedded=True))
    assert "Embedded Azure" not in report_markdown(report(embedded=False))


def complete() -> Report:
    """Everything that a report can have."""
    refused = Failure(code="AuthorizationFailed", message="The role may not be assigned.", remedy="Ask an owner.")
    compared = PhaseResult(
        name="verify", status="done", summary="no difference in 421 tags and 345 manifests", seconds=4
    )
    return report(
        flow="relocate",
        phases=(*report().phases, compared),
        planned=plan().steps,
        approvals=(
            Approval(
                stage=Stage.BEFORE_DELETE,
                subject="0f" * 8,
                decision=Decision.APPROVE,
                by="Ada",
                at=datetime(2026, 11, 25, 20, 15, tzinfo=UTC),
                comment="CHG-1815",
            ),
        ),
        cut_over=(
            Outcome(kind="created", subject="role AcrPull for aks-one"),
            Outcome(kind="failed", subject="role AcrPush for ci", failure=refused),
        ),
        left_to_people=(
            LeftToPeople(what="connected registry edge", why="a written procedure"),
            LeftToPeople(what="event subscription audit", why="subscribe", how="az eventgrid …"),
        ),
        started_at="2026-11-25T20:00:00+00:00",
        ended_at="2026-11-25T20:01:15+00:00",
        findings=(NOTE,),
    )


def test_report_for_the_change_ticket(golden: Golden) -> None:
    """The report tells the plan, who approved it, the work done, its verification and the manual steps, with times."""
    golden("report/complete.md", report_markdown(complete()))


def test_report_as_a_page(golden: Golden) -> None:
    """One file that needs nothing else."""
    golden("report/complete.html", to_html(report_document(complete())))


def test_report_of_a_deletion(golden: Golden) -> None:
    """The one irreversible act reads like it: who approved it, what was verified, what is left without use."""
    left = LeftToPeople(
        what="private endpoint pe", why="of no use without it", how="az network private-endpoint delete …"
    )
    compared = PhaseResult(
        name="verify", status="done", summary="no difference in 421 tags and 345 manifests", seconds=4
    )
    gone = PhaseResult(name="delete", status="done", summary="contosoregistry is gone for good", seconds=9)
    given = complete()
    deleted = report(
        flow="delete-source",
        verdict="deleted",
        imports=ImportSummary(),
        phases=(compared, gone),
        approvals=given.approvals,
        left_to_people=(left,),
        started_at=given.started_at,
        ended_at=given.ended_at,
    )

    golden("report/deleted.md", report_markdown(deleted))


def test_report_and_plan_survive_json() -> None:
    """They are results of flows."""
    assert Report.model_validate_json(complete().model_dump_json()) == complete()
    assert Plan.model_validate_json(plan(NOTE).model_dump_json()) == plan(NOTE)


def test_plan_counts_what_is_selected() -> None:
    """Not what the registry holds beyond it."""
    chosen = request(selection=selection(repositories=["team/*"]))
    counts = build(chosen, registry(), WANT, ImportPlan(already_there=1), ()).counts

    assert (counts.repositories, counts.tags, counts.manifests, counts.size_bytes) == (1, 1, 1, 7_000)
    assert (counts.imports, counts.already_there) == (0, 1)


def test_plan_says_a_finding_once() -> None:
    """However many found it."""
    assert plan(NOTE, BLOCKER, NOTE).findings == (BLOCKER, NOTE)
    assert plan(NOTE, BLOCKER).blockers == (BLOCKER,)


@pytest.mark.parametrize(("imports", "seconds"), [(0, 0), (1, 10), (200, 10), (1_200, 110)])
def test_estimate_follows_azures_write_budget(imports: int, seconds: float) -> None:
    """200 calls at once, then 10 a second, and the last one has to end."""
    assert estimate(imports).import_seconds == seconds


SAME = {
    "another concurrency": request(concurrency=5),
    "another timeout": request(import_timeout_minutes=5),
    "force": request(force=True),
    "the subscription in capitals": request(
        source=request().source.model_copy(update={"resource_group": "CONTOSO-WEST"})
    ),
    "the target's subscription spelt out": request(
        target=target_ref(subscription_id="22222222-2222-2222-2222-222222222222")
    ),
}
OTHER = {
    "another region": request(target=target_ref(location="uksouth")),
    "another name": request(target=target_ref(name="contosoregistryuk")),
    "another selection": request(selection=selection(untagged=False)),
}


@pytest.mark.parametrize("given", SAME.values(), ids=SAME)
def test_same_relocation_has_the_same_id(given: object) -> None:
    """How it is done does not matter."""
    assert plan_id(given) == plan_id(request())  # type: ignore[arg-type]


@pytest.mark.parametrize("given", OTHER.values(), ids=OTHER)
def test_another_relocation_has_another_id(given: object) -> None:
    """Source and target decide it."""
    assert plan_id(given) != plan_id(request())  # type: ignore[arg-type]


def test_plan_id_is_stable_over_releases() -> None:
    """It is written on registries: a change would refuse to resume every relocation under way."""
    assert plan_id(request()) == "9ac4f8c10b6d"


@pytest.mark.parametrize(
    ("seconds", "text"), [(0.42, "0.4 s"), (42, "42 s"), (185, "3 min 5 s"), (59.7, "1 min 0 s"), (7_800, "2 h 10 min")]
)
def test_duration(seconds: float, text: str) -> None:
    """As a person says it."""
    assert duration(seconds) == text


@pytest.mark.parametrize(
    ("count", "text"), [(17, "17 bytes"), (2_048, "2.0 KiB"), (5_000_000, "4.8 MiB"), (3 * 1024**4, "3.0 TiB")]
)
def test_size(count: int, text: str) -> None:
    """As a person says it."""
    assert size(count) == text


def test_table_escapes_what_would_break_it() -> None:
    """A pipe or a new line in a message stays in its cell."""
    assert table(["a"], [["x | y\nz"]]) == "| a |\n| --- |\n| x \\| y<br>z |"


def test_long_table_is_cut_and_counted() -> None:
    """A thousand differences do not make a report of a thousand lines."""
    assert bounded_table([["x"]] * 5, ["a"], most=2).endswith("… and 3 more.")


def test_progress_knows_rate_and_time_left() -> None:
    """Nothing is promised before the first item."""
    assert (Progress(phase="import", done=50, total=100, seconds=5).rate, Progress(phase="import").rate) == (10, 0)
    assert Progress(phase="import", done=50, total=100, seconds=5).eta == 5
    assert Progress(phase="import", total=100).eta is None
    slow = Progress(phase="import", done=99, total=100, seconds=10, bytes_done=10, bytes_total=110)
    assert slow.eta == 100  # the last image has most of the bytes


def test_already_there_is_as_good_as_created() -> None:
    """A second run succeeds; a skip and a failure are not success."""
    [item] = needed(content(repository("app", image("a"), v1="a")), content(), Selection()).items
    kinds = ("created", "already_there", "skipped", "failed")

    assert [ImportOutcome(item=item, kind=kind).ok for kind in kinds] == [True, True, False, False]
    assert [Outcome(kind=kind, subject=digest("a")).ok for kind in kinds] == [True, True, False, False]
    assert DeployOutcome(kind="created").ok


def test_the_summary_counts_what_was_switched_and_switched_back() -> None:
    """It is what a person has asked for; the phases scroll away."""
    phases = (
        PhaseResult(name="switch dependents", status="done", summary="7 switched, 1 manual"),
        PhaseResult(name="switch back", status="done", summary="6 restored"),
    )
    said = report_summary(report(phases=phases)).splitlines()

    assert "Switch:       7 switched, 1 manual" in said
    assert "Switch back:  6 restored" in said
