"""The duration of a relocation, and the time without pulls or pushes, by the chosen method."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final, Literal

from pydantic import Field

from acr_relocate.core.content.small_artifacts import (
    IMPORT_BURST,
    IMPORTS_A_SECOND,
    LONGEST_IMPORT_SECONDS,
    push_seconds,
)
from acr_relocate.core.model import FormModel, FrozenModel
from acr_relocate.core.registry.inventory import Registry
from acr_relocate.core.registry.regions import normalise_location
from acr_relocate.core.request.relocation import RelocationRequest
from acr_relocate.core.wording import duration

_LOOK_SECONDS: Final = 10  # Retry-After of an operation: its end is seen by then
SLOW_IMPORT: Final = 10_000_000
SLOW_TOGETHER, FAST_TOGETHER = 200_000_000, 500_000_000
"""Bytes a second of one import and of all into a registry. Assumed, as `local_azure` does: Azure names no rate."""

MethodName = Literal["cold", "warm", "hot"]


class MeasuredTimes(FormModel):
    """The times that a rehearsal or a run between the same regions has measured, for the estimate of a plan.

    0: not measured.
    """

    import_seconds: float = Field(
        default=0.0,
        title="Seconds of an import",
        description="The duration of an import, whatever its size, from the report of a rehearsal.",
    )
    bytes_a_second: float = Field(
        default=0.0,
        title="Bytes a second",
        description="The number of bytes that one import copies in a second.",
    )
    bytes_together: float = Field(
        default=0.0,
        title="Bytes a second of all imports",
        description="The number of bytes that all imports together copy in a second, from the report of a run.",
    )
    deploy_seconds: float = Field(
        default=0.0,
        title="Seconds of the deployment",
        description="The duration of the target's deployment.",
    )


NOT_MEASURED: Final = MeasuredTimes()


class Estimate(FrozenModel):
    """The least duration of the imports, in seconds, and why. `again_seconds`: the delta before a cut-over.

    `longest_seconds`: by their bytes at the slow end of what is assumed, `longest_basis`, until it is measured.
    """

    import_seconds: float
    longest_seconds: float = 0.0
    longest_basis: str = ""
    basis: str
    again_seconds: float = 0.0


class Method(FrozenModel):
    """A way to relocate, in the words of the Cloud Adoption Framework, and its downtime.

    `downtime_seconds` is the least, from known limits; manual steps add to it. None: this registry cannot be moved
    that way.
    """

    name: MethodName
    how: str
    downtime: str
    downtime_seconds: float | None = None
    recommended: bool = False
    why: str = ""


class Alternative(FrozenModel):
    """Geo-replication instead of a relocation: whether it fits better, and why."""

    fits: bool
    why: str


def estimate(
    imports: int,
    sizes: Iterable[int] = (),
    measured: MeasuredTimes = NOT_MEASURED,
    concurrency: int = 1,
    pushes: int = 0,
    stored: int = 0,
) -> Estimate:
    """Return the least time of so many imports, by Azure's write budget and the measured times.

    An import of a second is seen at the first look, one that copies for long on average half a look after its end.

    Args:
        imports: The number of importImage calls.
        sizes: The bytes of each, at most.
        measured: The figures of a rehearsal, if there was one.
        concurrency: The greatest number of imports under way.
        pushes: The writes at the target by which small artifacts are pushed meanwhile.
        stored: The bytes that the source stores, shared layers once; no more is copied. 0: unknown.

    """
    sizes = tuple(sizes)
    waiting = max(0, imports - IMPORT_BURST) / IMPORTS_A_SECOND
    own = measured.import_seconds or float(LONGEST_IMPORT_SECONDS)
    lanes = min(concurrency, imports)
    whole = min(sum(sizes), stored or sum(sizes))
    together = measured.bytes_together
    copying = _copying(sizes, whole, measured.bytes_a_second, lanes, together or FAST_TOGETHER)
    slowly = _copying(sizes, whole, measured.bytes_a_second or SLOW_IMPORT, lanes, together or SLOW_TOGETHER)
    longest = f"one took {own:.1f} s in the rehearsal" if measured.import_seconds else f"one takes up to {own:.0f} s"
    rate = f", and {measured.bytes_a_second / 1e6:.1f} MB/s" if measured.bytes_a_second else ""
    least, most = (max(waiting + own, each + own / 2) if imports else 0.0 for each in (copying, slowly))
    return Estimate(
        import_seconds=max(least, push_seconds(pushes)),
        longest_seconds=max(most, push_seconds(pushes)),
        longest_basis=f"{(measured.bytes_a_second or SLOW_IMPORT) / 1e6:.0f} MB/s an import, "
        f"{(together or SLOW_TOGETHER) / 1e6:.0f} MB/s together",
        basis=f"Azure accepts {IMPORT_BURST} importImage calls at once and then {IMPORTS_A_SECOND} a second; "
        f"{longest}{rate or ', longer for very large images'}",
        again_seconds=float(_LOOK_SECONDS),
    )


def _copying(sizes: Sequence[int], whole: int, rate: float, lanes: int, together: float) -> float:
    """Return the seconds in which so many imports at once copy `whole` bytes; the largest is copied by one."""
    if not (rate and sizes and lanes):
        return 0.0
    return max(min(max(sizes), whole) / rate, whole / min(rate * lanes, together))


def measured_words(times: MeasuredTimes) -> str:
    """Return the measured times in words."""
    rate = f"{times.bytes_a_second / 1e6:.1f} MB/s" if times.bytes_a_second else "too quick to tell bytes from calls"
    own = f"an import {times.import_seconds:.1f} s and {rate}" if times.import_seconds else "no import"
    return f"{own}; deployment {duration(times.deploy_seconds)}" if times.deploy_seconds else own


def methods(expected: Estimate, imports: int) -> tuple[Method, ...]:
    """Return cold, warm and hot for this registry, with one recommended."""
    is_empty = not imports
    whole = expected.import_seconds + _LOOK_SECONDS
    cold = Method(
        name="cold",
        how="Stop pushes and pulls; relocate; point everything at the target.",
        downtime=f"pull and push: the whole relocation, at least {duration(whole)}, and the cut-over",
        downtime_seconds=whole,
        recommended=is_empty,
        why="No import is needed, so no sync has to keep the registries equal." if is_empty else "",
    )
    warm = Method(
        name="warm",
        how="Relocate while the source serves; stop pushes; run again, which imports only what is new; "
        "point everything at the target, one after the other.",
        downtime=f"push: the last run, at least {duration(expected.again_seconds)}; pull: none, "
        "as long as the source stays until pulls from it end",
        downtime_seconds=expected.again_seconds,
        recommended=not is_empty,
        why="" if is_empty else "Pulls go on throughout, and the second run costs no more than looking at both sides.",
    )
    hot = Method(
        name="hot",
        how="Both serve the same content at every moment.",
        downtime="not possible: Azure replicates a registry to its own replicas, never to another registry",
    )
    return cold, warm, hot


def geo_replication(source: Registry, request: RelocationRequest) -> Alternative:
    """Return whether a replica in the target's region would do, without a move or a new name."""
    location = request.target.location
    stays = (
        f"The home region stays {normalise_location(source.location)}, and with it the control plane, tasks and "
        "connected registries: you would still depend on that region."
    )
    if any(normalise_location(child.location or "") == location for child in source.children_of("replications")):
        why = f"There is a replica in {location} already: pulls from there are served by it. {stays}"
        return Alternative(fits=True, why=f"If only images are wanted in {location}, nothing has to be done. {why}")
    if source.sku != "Premium":
        return Alternative(fits=False, why=f"It needs the Premium SKU; this registry is {source.sku}. {stays}")
    if request.target_subscription_id.lower() != source.subscription_id.lower():
        return Alternative(fits=False, why=f"It cannot move a registry to another subscription. {stays}")
    command = f"az acr replication create --registry {source.name} --location {location}"
    why = f"If only images near {location} are wanted, a replica keeps name, tags and permissions: `{command}`. {stays}"
    return Alternative(fits=True, why=why)
