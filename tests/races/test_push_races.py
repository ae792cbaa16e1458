"""Somebody pushes under a tag between our look and our put: the tag is lost, the image is not, and it is told.

TRIALS=10000 for the figures of docs/decisions/0014-small-artifacts-are-pushed.md.
"""

import itertools
import os

import pytest

from acr_relocate.azure.client.registry_api import DataPlane, RawManifest
from acr_relocate.azure.client.session import connection
from acr_relocate.azure.content.small_push import PushState, push_batch
from acr_relocate.core.content.import_outcome import ImportOutcome
from acr_relocate.core.content.import_plan import ImportItem
from local_azure.launcher import Emulator
from tasks.imports.small_pushes import BATCH
from tests.contract.registry_factory import RegistryFactory

TRIALS = int(os.environ.get("TRIALS", "1000"))


async def test_an_image_that_loses_its_tag_is_told(emulator: Emulator, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each trial plants a push of another image under the same tag in that moment."""
    theirs: dict[str, str] = {}
    put = DataPlane.put_manifest
    async with connection() as azure:
        factory = RegistryFactory(azure, emulator, itertools.count(1))
        source, target = await factory.registry(), await factory.registry()
        ours = await factory.pushed(source).image("app", "1", text="ours")
        await factory.pushed(target).image("app", "1", text="ours")

        async def late(self: DataPlane, name: str, tag: str, manifest: RawManifest) -> None:
            theirs[tag] = await factory.pushed(target).image(name, tag, text=f"theirs {tag}")
            await put(self, name, tag, manifest)

        monkeypatch.setattr(DataPlane, "put_manifest", late)
        outcomes: list[ImportOutcome] = []
        for first in range(0, TRIALS, BATCH):
            tags = [f"t{number}" for number in range(first, min(first + BATCH, TRIALS))]
            items = [ImportItem(repository="app", digest=ours, tags=(tag,), carrier=ours) for tag in tags]
            outcomes += await push_batch(
                factory.plane(source), factory.plane(target), items, {}, PushState(), force=False
            )
        there = factory.plane(target)
        held = [await there.head_digest("app", digest) for digest in theirs.values()]
        named = {tag["name"]: tag["digest"] async for tag in there.tags("app")}
    lost = sum(named[tag] != digest for tag, digest in theirs.items())
    told = sum(
        outcome.failure is not None and theirs[outcome.item.tags[0]] in outcome.failure.message for outcome in outcomes
    )
    print(f"{TRIALS} races: {lost} tags lost, {told} of them told with the digest, {held.count(None)} images lost")
    assert (len(outcomes), told, held.count(None)) == (TRIALS, lost, 0)
