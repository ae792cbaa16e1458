"""Bringing the target level again and again until the cut-over, and seeing beforehand what that would bring."""

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
import yaml
from prefect.exceptions import CancelledRun
from prefect.settings import get_current_settings

from acr_relocate.core.approval.decision import ApprovalNeeded, Decision, TerminalAnswer, answer_form
from acr_relocate.core.errors import NotRelocated
from acr_relocate.core.registry.inventory import Attributes
from acr_relocate.core.report.report import Report
from acr_relocate.core.request.selection import Selection
from flows.import_images import import_images
from flows.preview_imports import preview_imports
from flows.relocate import relocate_registry
from local_azure.launcher import Emulator
from tasks.imports import ledger
from tasks.runs.approval import answered_at_terminal
from tasks.runs.events import Event, observing
from tests.contract.registry_factory import Pusher
from tests.service.conftest import Move
from tests.service.syncing import APP, synced
from tests.service.test_cli import run


class TestDryRun:
    async def test_it_tells_what_is_then_imported_and_changes_nothing(self, small_move: Move) -> None:
        """Of a target that is not there yet, too; afterwards there is nothing left to import."""
        told = await preview_imports(small_move.request)
        writes = small_move.emulator.stats()["writes"]

        report = await relocate_registry(small_move.request)
        after = await preview_imports(small_move.request)

        assert writes == []
        assert (len(told.items), told.tag_count) == (report.imports.created, report.imports.tags)
        assert told.size_bytes > 0
        assert (after.items, after.already_there) == ((), report.imports.created)

    def test_the_command_tells_it_as_json(self, small_move: Move, tmp_path: Path) -> None:
        """`sync --dry-run --json`: nothing else on standard output, and Azure saw not one write."""
        path = tmp_path / "request.yaml"
        path.write_text(yaml.safe_dump(small_move.request.model_dump(mode="json")))
        api = {"PREFECT_API_URL": str(get_current_settings().api.url)}

        status, output, errors = run("sync", str(path), "--dry-run", "--json", cwd=tmp_path, **api)

        assert (status, errors) == (0, "")
        assert {item["repository"] for item in json.loads(output)["items"]} == {"legacy/monolith"}
        assert small_move.emulator.stats()["writes"] == []


class TestOnlyThese:
    async def test_what_failed_is_tried_again_and_nothing_else(self, small_move: Move) -> None:
        """The report's list of what was left behind, given back as the request's `only`."""
        small_move.emulator.arm_fault("conflict-on-existing-tag", other=True)
        events: list[Event] = []
        with observing(events.append), pytest.raises(NotRelocated):
            await relocate_registry(small_move.request)
        report = next(event for event in events if isinstance(event, Report))
        small_move.emulator.reset_stats()

        images = [entry.image for entry in report.left_behind]
        again = await import_images(small_move.request.model_copy(update={"only": images, "force": True}))

        assert len(images) == again.imports.created == small_move.emulator.stats()["import_calls"] == 1
        assert again.verdict == "copied"

    async def test_a_selection_of_nothing_is_blocked_unless_it_is_meant(self, small_move: Move) -> None:
        """Nothing is written, and the verdict is no success; with `allow_empty` it is in sync."""
        await relocate_registry(small_move.request)
        nothing = small_move.request.model_copy(update={"selection": Selection(repositories=["nosuch/*"])})
        small_move.emulator.reset_stats()

        with pytest.raises(NotRelocated, match="The selection matches nothing in contosoregistry"):
            await import_images(nothing)
        allowed = await import_images(nothing.model_copy(update={"allow_empty": True}))

        assert small_move.emulator.stats()["import_calls"] == 0
        assert allowed.verdict == "in_sync"


class TestUntilTheCutOver:
    async def test_a_tag_that_moved_moves_at_the_target_unless_it_was_moved_there(self, emulator: Emulator) -> None:
        """`follow` moved at the source only; `theirs` on both sides, so a person has to decide, and both stay."""
        async with synced(emulator, "follow", "theirs") as pair:
            for tag in ("follow", "theirs"):
                await Pusher(pair.source).image(APP, tag, text=f"moved {tag}")
            theirs = await Pusher(pair.target).image(APP, "theirs", text="somebody else's")

            with pytest.raises(NotRelocated, match="1 conflict"):
                await import_images(pair.request)

            moved = await pair.source.head_digest(APP, "follow")
            assert await pair.target.head_digest(APP, "follow") == moved
            assert await pair.target.head_digest(APP, "theirs") == theirs

    async def test_a_deleted_tag_is_reported_and_pruned_when_asked(self, emulator: Emulator) -> None:
        """Only what we brought: what somebody else put at the target stays. The manifest stays, untagged."""
        async with synced(emulator, "gone", "kept") as pair:
            digest = await pair.target.head_digest(APP, "gone")
            await Pusher(pair.target).image(APP, "theirs", text="somebody else's")
            await pair.source.delete(APP, "gone")

            told = await import_images(pair.request)
            reported = await pair.target.head_digest(APP, "gone")
            pruned = await import_images(pair.request.model_copy(update={"prune": True}))

            assert [tag.tag for tag in told.deleted] == ["gone"]
            assert (told.pruned, reported) == ((), digest)
            assert [outcome.kind for outcome in pruned.pruned] == ["created"]
            assert {tag["name"] async for tag in pair.target.tags(APP)} == {"kept", "theirs"}
            assert await pair.target.head_digest(APP, digest or "") == digest

    async def test_what_only_hides_from_the_listing_is_not_pruned(self, emulator: Emulator) -> None:
        """A repository with listEnabled=false is not in the catalogue, and yet not gone: it is asked for."""
        async with synced(emulator, "hidden") as pair:
            await pair.source.set_attributes(APP, "", Attributes(list_enabled=False))

            report = await import_images(pair.request.model_copy(update={"prune": True}))

            assert [outcome.kind for outcome in report.pruned] == ["skipped"]
            assert await pair.target.head_digest(APP, "hidden") is not None

    async def test_without_the_ledger_nothing_is_moved_or_pruned(
        self, emulator: Emulator, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """A Prefect server that has forgotten: a conflict, and nothing taken away."""
        async with synced(emulator, "moved", "gone") as pair:
            before = await pair.target.head_digest(APP, "moved")
            await Pusher(pair.source).image(APP, "moved", text="moved on")
            await pair.source.delete(APP, "gone")
            monkeypatch.setattr(ledger, "LEDGER_DATA", "forgotten")

            with pytest.raises(NotRelocated, match="1 conflict"):
                await import_images(pair.request.model_copy(update={"prune": True}))

            assert await pair.target.head_digest(APP, "moved") == before
            assert await pair.target.head_digest(APP, "gone") is not None

    async def test_what_is_no_longer_selected_goes_after_an_approval(self, emulator: Emulator) -> None:
        """The preview lists it; without an answer nothing goes; then only what we brought, and never again."""
        async with synced(emulator, "kept", "left") as pair:
            theirs = await Pusher(pair.target).image(APP, "theirs", text="somebody else's")
            chosen = {"selection": Selection(exclude_tags=["left", "theirs"]), "prune_unselected": True}
            narrowed = pair.request.model_copy(update=chosen)
            told = await preview_imports(narrowed)
            events: list[Event] = []
            with observing(events.append), pytest.raises(CancelledRun):
                await import_images(narrowed)
            subject = next(event.subject for event in events if isinstance(event, ApprovalNeeded))
            before = await pair.target.head_digest(APP, "left")
            answer = answer_form(subject).model_validate({"decision": Decision.APPROVE, "name": "Ann Approver"})
            given = TerminalAnswer(digest=subject.digest, answer=answer, at=datetime.now(UTC), subject=subject)

            with answered_at_terminal([given]):
                report = await import_images(narrowed)
            again = await import_images(narrowed)

            assert [tag.name for tag in told.unselected] == [tag.name for tag in report.deleted] == [f"{APP}:left"]
            assert before is not None
            assert [outcome.kind for outcome in report.pruned] == ["created"]
            assert {tag["name"] async for tag in pair.target.tags(APP)} == {"kept", "theirs"}
            assert await pair.target.head_digest(APP, "theirs") == theirs
            assert (again.deleted, again.verdict) == ((), "in_sync")
