"""A registry moves from end to end, judged by the embedded Azure's own books and not by our code."""

import re

import pytest
from prefect.exceptions import ParameterTypeError

from acr_relocate.azure.client.session import connection
from acr_relocate.core.errors import NotRelocated
from acr_relocate.core.registry.inventory import Attributes
from acr_relocate.core.report.report import Report
from flows.import_images import import_images
from flows.plan import plan_relocation
from flows.relocate import relocate_registry
from flows.verify import verify_relocation
from tasks.runs.events import Event, observing
from tests.contract.registry_factory import Pusher
from tests.service.conftest import Move, roots


class TestRelocate:
    async def test_the_target_holds_all_that_the_source_holds(self, whole_move: Move) -> None:
        """Same repositories, tags, digests, untagged manifests, referrers and locks, with one import for each root."""
        report = await relocate_registry(whole_move.request)

        source, target = whole_move.contents()
        assert source == target
        assert report.verdict == "relocated"
        assert whole_move.emulator.stats()["import_calls"] == roots(source)

    async def test_a_second_run_writes_nothing(self, move: Move) -> None:
        """A finished relocation run again changes nothing in Azure, and says so."""
        await relocate_registry(move.request)
        move.emulator.reset_stats()

        report = await relocate_registry(move.request)

        assert move.emulator.stats()["writes"] == []
        assert report.verdict == "relocated"
        assert {phase.name for phase in report.phases if phase.status == "nothing_to_do"} >= {
            "deploy",
            "import",
            "locks",
        }

    async def test_it_says_that_this_azure_is_embedded(self, move: Move) -> None:
        """Neither Azure is ever taken for the other."""
        report = await relocate_registry(move.request)

        assert report.embedded

    async def test_another_relocation_to_the_same_target_is_refused(self, move: Move) -> None:
        """Resources of another request are not touched."""
        await relocate_registry(move.request)
        elsewhere = move.request.target.model_copy(update={"location": "swedencentral"})
        other = move.request.model_copy(update={"target": elsewhere})
        move.emulator.reset_stats()

        with pytest.raises(NotRelocated, match="target_holds_another_relocation"):
            await relocate_registry(other)

        assert move.emulator.stats()["writes"] == []

    async def test_a_request_that_makes_no_sense_as_a_whole_is_refused(self, move: Move) -> None:
        """The form in the UI checks fields one by one; the first task checks the rest, and nothing is written."""
        target = move.request.target.model_copy(update={"name": move.request.source.name})

        with pytest.raises(ParameterTypeError, match="is the source's name"):
            await relocate_registry(move.request.model_copy(update={"target": target}))

        assert move.emulator.stats()["writes"] == []


class TestPlan:
    async def test_a_plan_changes_nothing(self, move: Move) -> None:
        """Read only, and it counts what the relocation then does."""
        plan = await plan_relocation(move.request)

        assert plan.counts.imports == roots(move.source())
        assert move.emulator.stats()["writes"] == []


class TestSync:
    async def test_what_has_changed_since_is_brought(self, move: Move) -> None:
        """Only the repository that is new in the selection is imported."""
        few = move.request.selection.model_copy(update={"repositories": ["platform/*"]})
        await relocate_registry(move.request.model_copy(update={"selection": few}))
        move.emulator.reset_stats()

        report = await import_images(move.request)

        source, target = move.contents()
        assert {name: held["tags"] for name, held in source.items()} == {
            name: held["tags"] for name, held in target.items()
        }
        already = {name: held for name, held in source.items() if name.startswith("platform/")}
        assert move.emulator.stats()["import_calls"] == report.imports.created == roots(source) - roots(already)


class TestLocks:
    async def test_a_lock_that_a_run_replayed_does_not_keep_the_next_one_from_importing(self, move: Move) -> None:
        """An image is added to a repository that is locked on both sides: the sync brings it, and locks as before."""
        repository, locked = "base/nginx", Attributes(write_enabled=False)
        async with connection() as azure:
            plane = azure.data_plane(f"{move.request.source.name}.azurecr.io")
            await plane.set_attributes(repository, "", locked)
            try:
                await relocate_registry(move.request)
                await plane.set_attributes(repository, "", Attributes())
                await Pusher(plane).image(repository, move.request.target.name, text=move.request.target.name)
                await plane.set_attributes(repository, "", locked)

                await import_images(move.request)
            finally:
                await plane.set_attributes(repository, "", Attributes())

        source, target = move.contents()
        assert target[repository]["tags"] == source[repository]["tags"]
        assert target[repository]["attributes"]["writeEnabled"] is False


class TestVerify:
    async def test_a_difference_is_named(self, move: Move) -> None:
        """Content missing at the target is in the report, and the run has failed."""
        few = move.request.selection.model_copy(update={"repositories": ["platform/*"]})
        await relocate_registry(move.request.model_copy(update={"selection": few}))
        events: list[Event] = []

        with observing(events.append), pytest.raises(NotRelocated, match="differences"):
            await verify_relocation(move.request)

        reports = [event for event in events if isinstance(event, Report)]
        assert {difference.repository for difference in reports[0].differences} >= {"base/nginx", "legacy/monolith"}

    async def test_bytes_that_were_read_are_counted(self, small_move: Move) -> None:
        """The report tells whether digests were believed or computed."""
        await relocate_registry(small_move.request)

        report = await verify_relocation(small_move.request, sample=2)

        assert isinstance(report, Report)
        assert re.fullmatch(
            r"no difference in \d+ tags and \d+ manifests, [1-9]\d* blobs read", report.phases[-1].summary
        )
