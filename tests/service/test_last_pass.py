"""The last pass before a cut-over: the source stands still, and is given back as it was, whatever comes."""

import asyncio
from collections.abc import Coroutine
from contextlib import suppress
from io import StringIO

import pytest
from rich.console import Console

import flows.import_images
from acr_relocate.azure.client.registry_api import DataPlane
from acr_relocate.azure.content.listing import attributes_of, list_content
from acr_relocate.core.errors import NotRelocated
from acr_relocate.core.registry.inventory import Attributes
from acr_relocate.core.report.report import Report
from acr_relocate.core.request.relocation import RelocationRequest
from acr_relocate.core.request.selection import Selection
from deployments.standing import read_standing
from deployments.thaw import thaw_source
from flows.import_images import import_images
from flows.plan import plan_relocation
from flows.verify import verify_relocation
from local_azure.launcher import Emulator
from tasks import source_freeze
from tasks.runs.events import Event, observing
from tests.contract.registry_factory import Pusher
from tests.service.syncing import APP, synced
from tests.service.test_steps import Lightning, struck

READ_ONLY = Attributes(write_enabled=False, delete_enabled=False)


async def test_nobody_can_push_while_it_runs_and_afterwards_all_is_as_before(emulator: Emulator) -> None:
    """Pushes until then arrive; a repository that was locked before stays locked as it was."""
    async with synced(emulator, "first") as pair:
        await Pusher(pair.source).image(APP, "late", text="late")
        await Pusher(pair.source).image("locked/app", "1")
        await pair.source.set_attributes("locked/app", "", READ_ONLY)
        emulator.arm_fault("import-hangs")
        running = asyncio.create_task(import_images(pair.request, freeze=True))
        while not await asyncio.to_thread(emulator.operations):
            assert not running.done()

        frozen = await held(pair.source)
        refused = await attempt(Pusher(pair.source).image(APP, "too-late", text="too late"))
        emulator.release()
        report = await running

        assert frozen == {APP: READ_ONLY, "locked/app": READ_ONLY}
        assert refused
        assert await held(pair.source) == {APP: Attributes(), "locked/app": READ_ONLY}
        assert (report.verdict, report.differences) == ("copied", ())
        assert [phase.status for phase in report.phases] == ["done", "done", "done"]
        assert await pair.target.head_digest(APP, "late") is not None


async def test_the_locks_of_the_source_are_at_the_target_and_not_those_of_the_freeze(emulator: Emulator) -> None:
    """Of repositories, tags and manifests, as they were before; they are compared, too, and keep no later pass out."""
    async with synced(emulator, "first") as pair:
        push = Pusher(pair.source)
        locked = await push.image(APP, "locked", text="locked")
        await push.image("locked/app", "1")
        for name, reference in ((APP, "locked"), (APP, locked), ("locked/app", "")):
            await pair.source.set_attributes(name, reference, READ_ONLY)

        report = await import_images(pair.request, freeze=True)
        replayed = await locks(pair.target, locked)
        await pair.source.set_attributes("locked/app", "", Attributes())
        await push.image("locked/app", "2", text="later")
        await import_images(pair.request)

        assert report.verdict == "copied"
        assert replayed == await locks(pair.target, locked) == [Attributes(), READ_ONLY, READ_ONLY, READ_ONLY]
        assert await pair.target.head_digest("locked/app", "2") is not None


async def test_a_pass_that_fails_gives_the_locks_back(emulator: Emulator, monkeypatch: pytest.MonkeyPatch) -> None:
    """Locks are given back for every way in which it ends."""
    async with synced(emulator, "first") as pair:
        monkeypatch.setattr(flows.import_images, "read_ledger", struck)

        with pytest.raises(Lightning):
            await import_images(pair.request, freeze=True)

        assert await held(pair.source) == {APP: Attributes()}


async def test_what_a_killed_pass_left_locked_the_next_run_gives_back(
    emulator: Emulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The record is at the Prefect server; what somebody has locked otherwise since is left alone."""
    async with synced(emulator, "first") as pair:
        await Pusher(pair.source).image("other/app", "1")
        with monkeypatch.context() as patch:
            patch.setattr(source_freeze, "unlock_source", struck)
            with pytest.raises(Lightning):
                await import_images(pair.request, freeze=True)
        left = await held(pair.source)
        theirs = Attributes(write_enabled=False, delete_enabled=False, list_enabled=False)
        await pair.source.set_attributes("other/app", "", theirs)

        await import_images(pair.request)

        assert left == {APP: READ_ONLY, "other/app": READ_ONLY}
        assert await held(pair.source, APP, "other/app") == {APP: Attributes(), "other/app": theirs}


async def test_a_freeze_that_was_not_given_back_is_known_as_ours_and_never_replayed(
    emulator: Emulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`plan`, `verify` and `status` say who and since when; none takes its locks for the source's own.

    `thaw` gives it back without a Prefect server.
    """
    async with synced(emulator, "first") as pair:
        await Pusher(pair.source).image("other/app", "1")
        await import_images(pair.request)
        with monkeypatch.context() as patch:
            patch.setattr(source_freeze, "unlock_source", struck)
            with pytest.raises(Lightning):
                await import_images(pair.request, freeze=True)

        plan = await plan_relocation(pair.request)
        log, differences = await reported(pair.request)
        standing = await read_standing(pair.request, None)
        console = Console(record=True, file=StringIO())
        await asyncio.to_thread(thaw_source, pair.request, console)
        await asyncio.to_thread(thaw_source, pair.request, console)

        frozen = [finding.message for finding in plan.findings if finding.code == "source_is_frozen"]
        assert [message.startswith(f"{pair.request.source.name} is frozen by import-") for message in frozen] == [True]
        assert [call for step in plan.steps for call in step.calls if call.method == "PATCH"] == []
        assert "source_is_frozen" in log
        assert [line for line in standing.lines if "is frozen by import-" in line[1]] == [("Owed", frozen[0])]
        assert standing.next_command == "acr-relocate thaw REQUEST"
        assert [each for each in differences if each == "attributes"] == []
        assert await held(pair.source) == {APP: Attributes(), "other/app": Attributes()}
        said = console.export_text()
        assert "It has been released now" in said
        assert "is not frozen" in said


async def test_locks_on_everything_without_a_record_are_a_question(emulator: Emulator) -> None:
    """They are neither put on the target nor compared; what is locked among others is the source's own state."""
    async with synced(emulator, "first") as pair:
        for name in ("two/app", "three/app"):
            await Pusher(pair.source).image(name, "1")
        for name in (APP, "two/app", "three/app"):
            await pair.source.set_attributes(name, "", READ_ONLY)

        report = await import_images(pair.request, freeze=True)
        codes, differences = await reported(pair.request)

        assert report.verdict == "copied"
        assert await held(pair.target) == dict.fromkeys((APP, "two/app", "three/app"), Attributes())
        assert await held(pair.source) == dict.fromkeys((APP, "two/app", "three/app"), READ_ONLY)
        assert "source_looks_frozen" in codes
        assert "attributes" not in differences


async def test_nothing_is_locked_that_cannot_be_written_down(
    emulator: Emulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A kill would leave unrecorded locks behind."""
    async with synced(emulator, "first") as pair:
        emulator.reset_stats()
        monkeypatch.setattr(source_freeze, "save_record", struck)

        with pytest.raises(Lightning):
            await import_images(pair.request, freeze=True)

        assert emulator.stats()["writes"] == []


async def held(plane: DataPlane, *names: str) -> dict[str, Attributes]:
    """The locks of each repository, or of these."""
    found = {name: await plane.repository(name) for name in names or await plane.repositories()}
    return {name: attributes_of(entry) for name, entry in found.items() if entry}


async def attempt(push: Coroutine[None, None, str]) -> bool:
    """Whether the push was refused."""
    with suppress(AssertionError):
        await push
        return False
    return True


async def locks(plane: DataPlane, digest: str) -> list[Attributes]:
    """Of the repositories, of the tag `locked` and of the manifest."""
    content = await list_content(plane, Selection())
    repositories = {one.name: one for one in content.repositories}
    app = repositories[APP]
    tag = next(one for one in app.tags if one.name == "locked")
    manifest = next(one for one in app.manifests if one.digest == digest)
    return [app.attributes, repositories["locked/app"].attributes, tag.attributes, manifest.attributes]


async def reported(request: RelocationRequest) -> tuple[list[str], list[str]]:
    """The codes of the findings and the kinds of the differences that a comparison reports."""
    reports: list[Event] = []
    with observing(reports.append), suppress(NotRelocated):
        await verify_relocation(request)
    [report] = [each for each in reports if isinstance(each, Report)]
    return [each.code for each in report.findings], [each.kind for each in report.differences]
