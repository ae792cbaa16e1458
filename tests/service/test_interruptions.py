"""Imports that are disturbed, or left without a Prefect server: they go on, or the next run makes them good."""

import asyncio
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from prefect.settings import get_current_settings

from acr_relocate.core.errors import RelocationError
from deployments import processes
from flows.import_images import import_images
from tasks.runs.events import Event, observing
from tests.service.conftest import Move, content, roots, under_way
from tests.service.test_cli import command
from tests.support.tcp_forwarder import Door

GENEROUS = 120.0


@pytest.fixture(name="door")
def _door() -> Iterator[Door]:
    """A door to the tests' Prefect server."""
    door = Door(int(urlsplit(str(get_current_settings().api.url)).port or 0))
    yield door
    door.shut()


async def until(condition: Callable[[], bool]) -> None:
    assert await asyncio.to_thread(processes.wait_until, condition, GENEROUS)


async def test_when_a_fifth_of_all_calls_fails_it_converges(sync: Move) -> None:
    """It ends clean or with a named error, and an undisturbed run completes."""
    sync.emulator.arm_fault("chaos", share=0.2, retry_after=0.1, hang=0.2)
    with suppress(RelocationError):
        await import_images(sync.request)
    struck = sync.emulator.faults()["chaos"]["taken"]
    sync.emulator.clear_faults()

    await import_images(sync.request)

    source, target = content(sync)
    assert struck > 0
    assert source == target


@pytest.mark.parametrize("fault", ["import-500-after-accept", "cut-connection"])
async def test_the_target_is_asked_before_anything_is_tried_again(fault: str, sync: Move) -> None:
    """Azure carried the import out and could not say so: it is not made a second time."""
    sync.emulator.arm_fault(fault, **({"path": "importImage", "after": True} if fault == "cut-connection" else {}))

    await import_images(sync.request)

    source, target = content(sync)
    assert source == target
    assert sync.emulator.stats()["imports"] == roots(sync.source()) - 1  # whose answer got lost


async def test_one_that_hangs_delays_nobody(sync: Move) -> None:
    """All others are there while it hangs, far from its deadline; then it is imported, too."""
    sync.emulator.arm_fault("import-hangs", repository="legacy/monolith")
    total = roots(sync.source())
    events: list[Event] = []
    with observing(events.append):
        running = asyncio.create_task(import_images(sync.request))
        await until(lambda: under_way(sync) == 1 and sync.emulator.stats()["imports"] == total)
        assert not running.done()
        sync.emulator.release()
        report = await running

    assert report.imports is not None
    assert report.imports.created == total


def test_without_a_prefect_server_the_imports_go_on(sync: Move, request_file: str, door: Door, tmp_path: Path) -> None:
    """It goes away amidst the imports: they all end, and so does the run when it is back."""
    sync.emulator.arm_fault("import-hangs", times="always")
    process = command("sync", request_file, cwd=tmp_path, PREFECT_API_URL=f"http://127.0.0.1:{door.port}/api")
    assert processes.wait_until(lambda: under_way(sync) > 0, GENEROUS)
    door.shut()
    sync.emulator.clear_faults()

    def all_there() -> bool:
        sync.emulator.release()
        source, target = content(sync)
        return source == target

    assert processes.wait_until(all_there, GENEROUS)
    assert process.is_running
    door.open()

    assert process.ended(GENEROUS)[0] == 0
