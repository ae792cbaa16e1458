"""The relocation makes exactly the writes of its plan: the emulator's own list of writes against the plan's calls."""

import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from prefect.exceptions import CancelledRun

from acr_relocate.core.plan.plan import Plan
from acr_relocate.core.request.approval_stage import Stage
from acr_relocate.files import template_files
from deployments.commands import saved_plans
from flows.plan import plan_relocation
from flows.relocate import relocate_registry
from local_azure.state import settings
from tasks.runs.approval import answered_at_terminal
from tests.service.conftest import FEW, Move, make_move

LEASE = "/deployments/acr-relocate-lease-"


def announced(plan: Plan) -> Counter[str]:
    """Every call that the plan's steps list."""
    calls = [call for step in plan.steps for call in step.calls]
    counts: Counter[str] = Counter()
    for call in calls:
        counts[f"{call.method} {call.path}".lower()] += call.times
    return counts


def made(stats: dict[str, Any]) -> Counter[str]:
    """Every write that the emulator saw; of the registries' own interface only the repository counts.

    The claims by which a run has its registries to itself change nothing of them, and are in no plan.
    """
    arm = [write.rpartition(" ")[0].lower() for write in stats["writes"] if LEASE not in write]
    locks = [write.rpartition(" ")[0].lower() for write in stats["registry_writes"]]
    return Counter(arm) + Counter(lock.partition("/_manifests/")[0].partition("/_tags/")[0] for lock in locks)


def deployed(move: Move) -> set[str]:
    """The ids of what the deployment made, from the resources that are in the target's group."""
    group = f"/resourcegroups/{move.request.target.resource_group}/"
    ids = {str(resource["id"]).lower() for resource in move.emulator.resources()}
    return {one for one in ids if group in one and "/deployments/" not in one}


class TestWrites:
    async def test_each_write_is_announced_and_each_announcement_is_written(self, whole_move: Move) -> None:
        """One to one, over the whole lifelike registry: group, deployment, every import, every lock."""
        plan = await plan_relocation(whole_move.request)
        whole_move.emulator.reset_stats()

        await relocate_registry(whole_move.request)

        stats = whole_move.emulator.stats()
        assert made(stats) == announced(plan)
        assert sum(step.writes for step in plan.steps) == made(stats).total()

    async def test_the_deployment_makes_what_the_plan_lists(self, move: Move) -> None:
        """Every resource of the deployment is there afterwards; what Azure adds by itself is no surprise."""
        plan = await plan_relocation(move.request)
        await relocate_registry(move.request)

        [creates] = [call.creates for step in plan.steps for call in step.calls if call.creates]
        assert {one.lower() for one in creates} - deployed(move) == set()
        by_itself = ("/scopemaps/_repositories", f"/replications/{move.request.target.location}")
        cut_over = {call.path.lower() for step in plan.steps for call in step.calls if step.title == "Cut over"}
        unannounced = deployed(move) - {one.lower() for one in creates} - cut_over
        assert [one for one in unannounced if not any(part in one for part in by_itself)] == []

    async def test_a_plan_of_what_is_done_announces_nothing(self, move: Move) -> None:
        """No call is left in any step, as no write is."""
        await relocate_registry(move.request)

        plan = await plan_relocation(move.request)

        assert announced(plan) == Counter()
        assert plan.in_place


class TestWithoutContent:
    async def test_only_the_registry_is_made(self, emulator: Any) -> None:
        """Nothing is listed or imported, and nothing is missed: the settings are all that is compared."""
        move = make_move(emulator, FEW, content=False)

        report = await relocate_registry(move.request)

        assert report.verdict == "relocated"
        assert move.contents()[1] == {}
        stats = move.emulator.stats()
        assert stats["import_calls"] == 0
        assert stats["planes"].get("registry", 0) == 0

    @pytest.mark.thorough
    async def test_same_region_other_resource_group(self, emulator: Any) -> None:
        """The network rules and the private endpoint stay where they are: nothing has to be mapped."""
        move = make_move(emulator, FEW)
        here = move.request.target.model_copy(update={"location": "westeurope"})
        request = move.request.model_copy(update={"target": here})

        plan = await plan_relocation(request)
        report = await relocate_registry(request)

        assert report.verdict == "relocated"
        codes = {finding.code for finding in plan.findings}
        assert not {"private_endpoint_without_subnet", "virtual_network_rule_without_mapping"} & codes
        [registry] = [one for one in emulator.resources() if one["id"].lower() == request.target_id.lower()]
        assert registry["location"] == "westeurope"
        assert registry["properties"]["networkRuleSet"]["virtualNetworkRules"]


class TestEdited:
    @pytest.mark.thorough
    async def test_an_edited_template_mends_a_relocation(self, move: Move, tmp_path: Path) -> None:
        """The article's "update certain configurations in the template and retry": the same target, as edited."""
        await relocate_registry(move.request)
        plan = await plan_relocation(move.request)
        template = json.loads(json.dumps(plan.target.template))
        [registry] = [one for one in template["resources"] if one["type"].endswith("/registries")]
        registry["properties"]["networkRuleBypassAllowedForTasks"] = True
        edited = tmp_path / "edited.json"
        template_files.write_template(edited, template)
        request = move.request.model_copy(update={"template": template_files.identify(edited)})

        report = await relocate_registry(request)
        again = await plan_relocation(request)

        assert report.verdict == "relocated"
        [there] = [one for one in move.emulator.resources() if one["id"].lower() == request.target_id.lower()]
        assert there["properties"]["networkRuleBypassAllowedForTasks"] is True
        assert again.in_place
        assert again.plan_id != plan.plan_id
        # A plan that was saved before is refused, although nothing would be deployed.
        saved_plans.save_plan(tmp_path / "plan.json", plan)
        _, stale = saved_plans.load_plan(tmp_path / "plan.json")
        with answered_at_terminal([stale]), pytest.raises(CancelledRun):
            await relocate_registry(request.model_copy(update={"approvals": [Stage.BEFORE_DEPLOY]}))

    async def test_the_plan_shows_template_and_difference(self, move: Move) -> None:
        """A unified diff from Azure's own export, in which no secret is."""
        plan = await plan_relocation(move.request)

        assert plan.difference.startswith("--- contosoregistry.exported.json")
        assert "privateDnsZoneGroups" not in plan.difference  # not mapped, so not made
        assert "not-a-real-secret" not in plan.model_dump_json()


class TestReader:
    async def test_a_reader_may_plan(self, move: Move, monkeypatch: pytest.MonkeyPatch) -> None:
        """A Reader gets a whole plan with Azure's own export, and nothing is written."""
        monkeypatch.setenv("AZURE_CLIENT_ID", settings.READER_CLIENT_ID)
        monkeypatch.setenv("AZURE_CLIENT_SECRET", settings.READER_SECRET)

        plan = await plan_relocation(move.request)

        stats = move.emulator.stats()
        assert (stats["writes"], stats["registry_writes"]) == ([], [])
        assert plan.target.template["resources"]
        assert plan.difference.startswith("--- contosoregistry.exported.json")
