"""The missing artifacts to push over the data plane beside the imports: few bytes each, in the split that ends soonest.

importImage is a write of Azure Resource Manager, which admits 10 a second; a registry has a budget of its own for
pushes. Missing tags of a manifest that arrives anyway need its bytes alone; a signature or an SBOM needs few more.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import accumulate
from typing import Final

from acr_relocate.core.content.import_plan import ImportItem, ImportPlan, longest_first
from acr_relocate.core.request.relocation import RelocationRequest

# Azure Resource Manager lets one subscription write 200 times at once and 10 times a second from then on
# (request-limits-and-throttling); an importImage call is one write.
IMPORT_BURST: Final = 200
IMPORTS_A_SECOND: Final = 10
LONGEST_IMPORT_SECONDS: Final = 10  # seen for registries of one cloud: 0.2 to 10 s (dotnet/docker-tools#2143)

# A Premium registry takes 2,000 writes a minute from one identity (container-registry-skus).
PUSH_WRITES: Final = 2_000
PUSH_MINUTE: Final = 60

ARTIFACT_WRITES: Final = 3
"""Writes for an artifact of one layer: two upload it, one puts the manifest."""

CONFIG_WRITES: Final = 2
"""Writes for the empty config, which the artifacts of a repository share."""

KIB: Final = 1024
PUSHABLE: Final = frozenset(
    {
        "application/vnd.oci.image.manifest.v1+json",
        "application/vnd.docker.distribution.manifest.v2+json",
    }
)
"""Media types whose blobs are listed in `config` and `layers`."""


def import_seconds(imports: int) -> float:
    """Return the least seconds in which Azure takes and ends so many imports."""
    return max(0, imports - IMPORT_BURST) / IMPORTS_A_SECOND + LONGEST_IMPORT_SECONDS if imports else 0.0


def push_seconds(writes: int) -> float:
    """Return the least seconds in which a registry takes so many writes, counted by the minute."""
    return float(max(0, writes - 1) // PUSH_WRITES * PUSH_MINUTE)


def soonest_split(imports: int, writes: Sequence[int]) -> int:
    """Return how many of the artifacts that can go either way to push, the first ones, so that all ends soonest.

    Among equals the most: a push alone ends sooner than an import.

    Args:
        imports: The number of imports that cannot be pushed.
        writes: The writes that pushing each of the others takes, in the order in which they are chosen.

    """
    totals = [0, *accumulate(writes)]
    ends = (
        (max(import_seconds(imports + len(writes) - pushed), push_seconds(total)), -pushed)
        for pushed, total in enumerate(totals)
    )
    return -min(ends)[1]


def with_pushes(plan: ImportPlan, request: RelocationRequest, *, allowed: bool) -> ImportPlan:
    """Return the plan with those items marked `small` that are pushed, in the new order of all items.

    `allowed`: whether anything may be pushed (core.checks.pushing).
    """
    if not allowed:
        return plan
    found = list(_pushable(plan.items, request.small_artifact_kib * KIB))
    in_repository = Counter(item.repository for item in found)
    either = sorted(found, key=lambda item: (push_writes(item), -in_repository[item.repository], item.repository))
    fixed = sum(not item.pushed for item in plan.items) - len(either)
    chosen = {
        (item.repository, item.digest): replace(item, small=True, after=_after(item))
        for item in either[: soonest_split(fixed, list(each_push_writes(either)))]
    }
    items = longest_first(chosen.get((item.repository, item.digest), item) for item in plan.items)
    return plan.model_copy(update={"items": tuple(items)})


def each_push_writes(items: Iterable[ImportItem]) -> Iterator[int]:
    """Yield the writes of each push, in this order: the first artifact of a repository brings its empty config, too."""
    begun = set[str]()
    for item in items:
        brings_config = not item.carrier and item.repository not in begun
        if brings_config:
            begun.add(item.repository)
        yield push_writes(item) + (CONFIG_WRITES if brings_config else 0)


def push_writes(item: ImportItem) -> int:
    """Return the writes that pushing the item takes: for each tag one, and those for its own blobs."""
    return max(1, len(item.tags)) + (0 if item.carrier else ARTIFACT_WRITES - 1)


def seconds_saved(plan: ImportPlan) -> float:
    """Return by how much sooner the plan ends than with imports alone, by the least times of both."""
    writes = sum(each_push_writes(plan.small))
    together = max(import_seconds(plan.import_calls), push_seconds(writes))
    return import_seconds(plan.import_calls + len(plan.small)) - together


def _pushable(items: Sequence[ImportItem], limit: int) -> Iterator[ImportItem]:
    """Yield the items that may be pushed: their manifest arrives otherwise, or all of it is small."""
    coming = {(item.repository, item.digest) for item in items}
    for item in items:
        if item.pushed:
            continue
        if item.carrier:
            if item.tags and (item.carrier == item.digest or (item.repository, item.carrier) in coming):
                yield item
        elif item.media_type in PUSHABLE and 0 < item.size_bytes <= limit:
            yield item


def _after(item: ImportItem) -> tuple[str, ...]:
    """Return what comes first: for a manifest that arrives with another, that one alone."""
    waits_for: Iterable[str] = (item.carrier,) if item.carrier and item.carrier != item.digest else item.after
    return tuple(waits_for)
