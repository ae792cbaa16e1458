"""A check of every blob that was interrupted is resumed: pages that were read are not read again."""

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from acr_relocate.core.errors import NotRelocated
from flows.relocate import relocate_registry
from flows.verify import verify_relocation
from tasks.connection import azure
from tests.service.conftest import _emulator, _move, _shared_emulator, _small_move

if TYPE_CHECKING:
    from tests.service.conftest import Move

__all__ = ["_emulator", "_move", "_shared_emulator", "_small_move"]
MONOLITH = "legacy/monolith"


async def last_layer(host: str) -> str:
    """Return the digest of the last layer of an image."""
    async with azure() as connection:
        plane = connection.data_plane(host)
        body = await plane.manifest(MONOLITH, await plane.head_digest(MONOLITH, "v2") or "")
    return str((body or {})["layers"][-1]["digest"])


async def calls_of_a_check(move: "Move", *, resume: bool) -> int:
    """Return how many calls to the registries a check of every blob makes."""
    move.emulator.reset_stats()
    await verify_relocation(move.request, blobs=True, resume=resume)
    return int(move.emulator.stats()["planes"]["registry"])


async def test_pages_that_were_read_are_not_read_again(move: "Move") -> None:
    """Only if it is resumed; the listings are compared in any case."""
    await relocate_registry(move.request)

    first, resumed, again = [await calls_of_a_check(move, resume=resume) for resume in (False, True, False)]

    assert resumed < first
    assert again == first


async def test_a_page_with_something_wrong_is_read_again(small_move: "Move", tmp_path: Path) -> None:
    """A blob that was restored since is no difference any more."""
    await relocate_registry(small_move.request)
    small_move.emulator.save(tmp_path / "whole")
    name = small_move.request.target.name
    small_move.emulator.damage(name, MONOLITH, await last_layer(f"{name}.azurecr.io"))

    with pytest.raises(NotRelocated):
        await verify_relocation(small_move.request, blobs=True)
    small_move.emulator.load(tmp_path / "whole")
    report = await verify_relocation(small_move.request, blobs=True, resume=True)

    assert report.differences == ()
