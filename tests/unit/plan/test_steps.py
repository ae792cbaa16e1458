"""The steps of a plan: what each creates or changes, from what is there now; and how a relocation is undone."""

import pytest

from acr_relocate.core.checks import Evidence, TargetResourceGroup
from acr_relocate.core.content.import_plan import ImportPlan, needed
from acr_relocate.core.evidence.azure_facts import Lock
from acr_relocate.core.plan.plan import Plan, build
from acr_relocate.core.plan.planned_writes import PlannedChanges, plan_changes
from acr_relocate.core.plan.steps import REPLICATE
from acr_relocate.core.request.selection import Selection
from tests.check_cases.evidence import SOURCE_GROUP, evidence
from tests.support.builders import child, content, image, registry, repository, request

WANT = content(repository("app", image("a", size=5_000_000), v1="a"))
THERE = PlannedChanges(in_place=True, group_exists=True, target_exists=True)


def plan_of(foreseen: PlannedChanges, *, imported: bool = False) -> Plan:
    imports = ImportPlan(already_there=1) if imported else needed(WANT, content(), Selection())
    return build(request(), registry(), WANT, imports, (), foresight=foreseen)


def foreseen_of(given: Evidence) -> PlannedChanges:
    return plan_changes(given, {}, (), None)


@pytest.mark.parametrize("exists", [True, False])
def test_a_group_that_exists_is_no_step(exists: bool) -> None:
    """Nothing is announced about it; one that is missing is created, and the steps are numbered without a gap."""
    plan = plan_of(PlannedChanges(group_exists=exists))
    created = [step for step in plan.steps if "resource group" in step.title]

    assert [step.change for step in created] == ([] if exists else ["create"])
    assert [step.number for step in plan.steps] == list(range(1, len(plan.steps) + 1))


@pytest.mark.parametrize("exists", [True, False])
def test_the_undo_section_names_discard_and_deletes_nothing_itself(exists: bool) -> None:
    """The undo names no resource group: it may hold the source."""
    plan = plan_of(PlannedChanges(group_exists=exists))
    undo = " ".join(plan.undo)

    assert "`acr-relocate discard REQUEST`" in undo
    assert "az " not in undo
    assert "delete" not in undo.replace("deletes these resources and no others", "")
    assert "az group delete" not in plan.model_dump_json()


def test_nothing_changes_where_all_is_done() -> None:
    """A finished relocation has a plan without changes: no step creates or changes anything."""
    plan = plan_of(THERE, imported=True)

    assert plan.changes == 0
    assert {step.change for step in plan.steps} == {"nothing"}


def test_what_is_missing_is_counted() -> None:
    """One group, one registry, one image."""
    plan = plan_of(PlannedChanges())

    assert plan.changes == 3
    changes = {step.title: step.change for step in plan.steps if step.change != "nothing"}
    assert changes == {
        "Create resource group": "create",
        "Redeploy": "create",
        "Import registry content": "create",
    }


def test_what_could_not_be_listed_is_unknown() -> None:
    """It is never taken for nothing to do."""
    plan = build(request(), registry(), None, ImportPlan(), (), foresight=THERE)

    assert [step.change for step in plan.steps if step.action == "import"] == ["unknown"]


def test_each_resource_is_compared_with_what_is_there() -> None:
    """A registry that has one of two webhooks, under our tag, with other settings: create, change, nothing."""
    one, two = (child("webhooks", name, "westeurope", status="enabled") for name in ("a", "b"))
    source = registry("contosoregistry", one, two)
    there = child("webhooks", "a", "northeurope", status="disabled")
    target = registry("contosoregistryne", there, location="northeurope")
    group = TargetResourceGroup(id="/g", location="northeurope", deployments=0)

    foreseen = foreseen_of(evidence(source=source, target=target, group=group))

    changes = {each.resource: each.change for each in foreseen.resources}
    assert changes["webhooks/a"] == "change"
    assert changes["webhooks/b"] == "create"
    assert changes["registry contosoregistryne"] == "nothing"
    assert foreseen.target_exists


@pytest.mark.parametrize("locked", [True, False])
def test_no_replica_is_announced_where_a_lock_would_keep_it(locked: bool) -> None:
    """Neither as a creation nor among the costs; without the lock it is both."""
    given = request(via_replica=True)
    locks = (Lock(scope=SOURCE_GROUP, name="keep", level="CanNotDelete"),) if locked else ()
    foreseen = foreseen_of(evidence(request=given, locks=locks))

    plan = build(given, registry(), WANT, needed(WANT, content(), Selection()), (), foresight=foreseen)

    [step] = [step for step in plan.steps if step.title == REPLICATE]
    assert (step.change, len(step.calls)) == (("nothing", 0) if locked else ("create", 2))
    assert ("the lock keep" in step.description) is locked
    assert any("replica" in cost.what for cost in plan.costs) is not locked
