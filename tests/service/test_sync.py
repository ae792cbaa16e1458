"""Bringing the target level again and again until the cut-over, and seeing beforehand what that would bring."""

import json
from pathlib import Path

import pytest
import yaml
from prefect.settings import get_current_settings

from acr_relocate.core.errors import NotRelocated
from acr_relocate.core.report import Report
from flows.import_images import import_images
from flows.preview_imports import preview_imports
from flows.relocate import relocate_registry
from tasks.observers import Event, observing
from tests.service.conftest import Move
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
        assert again.verdict == "relocated"
