"""Small artifacts and missing tags pushed beside the imports: a whole relocation, and one that is stopped amidst."""

from typing import Any

import pytest

from acr_relocate.core.content.remaining_import import references_to_probe
from acr_relocate.core.errors import RelocationError
from flows.import_images import import_images
from flows.preview_imports import preview_imports
from flows.relocate import relocate_registry
from tests.service.conftest import FEW, Move, make_move, roots


async def test_a_relocation_that_pushes_ends_level_and_a_second_one_writes_nothing(move: Move) -> None:
    """The same content with fewer imports; webhooks are as at the source in the end."""
    move = make_move(move.emulator, FEW, small_artifacts="push")

    report = await relocate_registry(move.request)

    source, target = move.contents()
    stats = move.emulator.stats()
    pushed = [write for write in stats["registry_writes"] if write.startswith("PUT /v2/") and "/manifests/" in write]
    assert source == target
    assert (report.verdict, report.imports.failed) == ("relocated", 0)
    assert 0 < stats["import_calls"] < roots(source)
    assert len(pushed) >= roots(source) - stats["import_calls"]

    move.emulator.reset_stats()
    await relocate_registry(move.request)

    again = move.emulator.stats()
    assert (again["writes"], again["registry_writes"]) == ([], [])


@pytest.mark.thorough
async def test_a_run_that_stops_amidst_its_pushes_is_completed_by_the_next(sync: Move) -> None:
    """As after a kill: a write has its effect and is never answered, and nothing is written after it."""
    request = sync.request.model_copy(update={"small_artifacts": "push"})
    small = [item for item in (await preview_imports(request)).items if item.small]
    item = small[len(small) // 2]
    write = f"PUT /v2/{item.repository}/manifests/{references_to_probe(item)[0]}"
    sync.emulator.arm_fault("stops-at-write", write=write, after=1, onward=1)
    with pytest.raises(RelocationError):
        await import_images(request)
    sync.emulator.clear_faults()

    report = await import_images(request)

    source, target = map(tags, sync.contents())
    assert source == target
    assert report.verdict == "copied"


def tags(repositories: dict[str, Any]) -> dict[str, dict[str, list[str]]]:
    """Return the content, without its locks, which a sync does not replay."""
    return {
        name: {digest: manifest["tags"] for digest, manifest in one["manifests"].items()}
        for name, one in repositories.items()
    }
