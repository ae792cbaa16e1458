"""Imports and pushes in virtual time: our own scheduling and limits, against a model of Azure that answers at once.

A call takes 50 ms, an import 0.2 to 2 s, and Azure tells of its end ten seconds after it began. So the figures say what
the scheduling costs, on whatever machine.
"""

import asyncio
import json
import random
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from acr_relocate.azure.client.minute_limits import MinuteLimit
from acr_relocate.azure.client.rate_limits import ARM_QUOTAS, REGISTRY_LIMITS, RateLimit
from acr_relocate.core.content.import_outcome import ImportOutcome
from acr_relocate.core.content.import_plan import ImportItem, ImportPlan, needed
from acr_relocate.core.content.remaining_import import references_to_probe
from acr_relocate.core.content.small_artifacts import ARTIFACT_WRITES, CONFIG_WRITES, with_pushes
from acr_relocate.core.registry.inventory import Manifest, Repository
from acr_relocate.core.request.selection import Selection
from tasks.imports.scheduler import ConcurrencyWindow, DependencyGate
from tasks.imports.small_pushes import SmallPushes
from tests.support.builders import content, image, index, repository, request

CATALOGUES = Path(__file__).parents[2] / "benchmarks" / "catalogues"
CALL, TOLD_AFTER, LARGE, SMALL = 0.05, 10.0, 100_000_000, 2_000


def planned(catalogue: str, *, signed: bool = False, images: int = 0) -> ImportPlan:
    """The plan with pushes for a catalogue; `signed`: each image with a signature and an SBOM."""
    found = json.loads((CATALOGUES / f"{catalogue}.json").read_text())["repositories"]
    want = content(*(_repository(name, listed[: images or None], signed=signed) for name, listed in found.items()))
    plan = needed(want, content(), Selection())
    return with_pushes(plan, request(small_artifacts="push"), allowed=True)


def _repository(name: str, images: list[dict[str, Any]], *, signed: bool) -> Repository:
    manifests, tags = list[Manifest](), dict[str, str]()
    for number, entry in enumerate(images):
        label = f"{name} {number}"
        parts = [f"{label} {arch}" for arch in entry.get("arch") or ["amd64"]]
        manifests += [image(part, size=LARGE) for part in parts]
        top = label if parts[1:] else parts[0]
        manifests += [index(label, *parts)] if parts[1:] else []
        tags |= dict.fromkeys(entry["tags"], top)
        for arch, names in entry.get("platform_tags", {}).items():
            tags |= dict.fromkeys(names, f"{label} {arch}")
        if signed:
            manifests += [image(f"{label} {kind}", subject=top, size=SMALL) for kind in ("signature", "sbom")]
    return repository(name, *manifests, **tags)


@dataclass
class Azure:
    """ARM's bucket and a registry's minutes as they count, and what has arrived."""

    arm: RateLimit = field(default_factory=lambda: RateLimit(ARM_QUOTAS["writes"]))
    limits: Mapping[str, MinuteLimit] = field(
        default_factory=lambda: {kind: MinuteLimit(most) for kind, (most, _) in REGISTRY_LIMITS.items()}
    )
    began: dict[str, float] = field(default_factory=dict)
    used: dict[str, int] = field(default_factory=dict)
    refused: int = 0
    with_config: set[str] = field(default_factory=set)
    arrived: set[tuple[str, str]] = field(default_factory=set)
    ended: float = 0.0

    async def call(self, kind: str) -> None:
        """One call of the data plane, which the registry counts by a minute of its own."""
        await self.limits[kind].take()
        await asyncio.sleep(CALL)
        if now() - self.began.setdefault(kind, now()) >= 60:
            self.began[kind], self.used[kind] = now(), 0
        self.used[kind] = self.used.get(kind, 0) + 1
        self.refused += self.used[kind] > REGISTRY_LIMITS[kind][0]
        self.limits[kind].answered()
        self.ended = now()

    async def bring(self, item: ImportItem, seconds: float) -> None:
        """Run one import, whose end the model of Azure reports ten seconds after its start."""
        await self.arm.take()
        self.arm.answered()
        await asyncio.sleep(seconds)
        self.arrived.add((item.repository, item.digest))
        await asyncio.sleep(TOLD_AFTER - seconds)
        self.ended = now()

    async def push(self, item: ImportItem) -> bool:
        """The calls of one push: its bytes, its blobs, and for each tag a look, a write and a look."""
        await self.call("reads")
        if item.carrier and (item.repository, item.carrier) not in self.arrived:
            return False
        if not item.carrier and item.repository not in self.with_config:
            self.with_config.add(item.repository)
            for kind in ("reads", *["writes"] * CONFIG_WRITES):
                await self.call(kind)
        for _ in range(0 if item.carrier else (ARTIFACT_WRITES - 1) // 2):
            await self.call("reads")
            await self.call("writes")
            await self.call("writes")
        for _ in references_to_probe(item):
            await self.call("reads")
            await self.call("writes")
            await self.call("reads")
        return True


async def carried_out(plan: ImportPlan) -> Azure:
    """All imports and pushes of the plan, as tasks/imports/scheduler.py carries them out, without Prefect."""
    azure, chance = Azure(), random.Random(19)
    order, window = DependencyGate(plan.items), ConcurrencyWindow(256)
    done = list[ImportItem]()

    async def push_batch(batch: list[ImportItem]) -> list[ImportOutcome]:
        pushed = await asyncio.gather(*map(azure.push, batch))
        final = [item for item, was in zip(batch, pushed, strict=True) if was]
        for item in final:
            note(item)
        return [ImportOutcome(item=item, kind="created") for item in final]

    async def import_one(item: ImportItem) -> None:
        await order.turn_of(item)
        async with window:
            pushes.began(item)
            await azure.bring(item, chance.uniform(0.2, 2.0))
        note(item)

    def note(item: ImportItem) -> None:
        order.ended(item)
        pushes.ended(item)
        done.append(item)

    pushes = SmallPushes(plan.small, push_batch, import_one)
    imports = [item for item in plan.items if not item.small]
    await asyncio.gather(pushes.run(), *map(import_one, imports))
    assert len(done) == len(plan.items)
    return azure


def now() -> float:
    """The time of the running loop."""
    return asyncio.get_running_loop().time()
