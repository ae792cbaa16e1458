"""The whole verification: snapshots of both registries, and every difference between them."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from acr_relocate.core.checks.pending import known_freezes
from acr_relocate.core.content.source_freeze import NOTHING_PENDING, PendingRestores, own_state
from acr_relocate.core.dependencies import Surroundings
from acr_relocate.core.evidence.unknown import Unknown
from acr_relocate.core.model import FrozenModel
from acr_relocate.core.registry.inventory import Content, Registry
from acr_relocate.core.request.relocation import RelocationRequest
from acr_relocate.core.request.selection import Selection
from acr_relocate.core.target.edited_template import target_design
from acr_relocate.core.verification.bootstrap import compare_bootstrap
from acr_relocate.core.verification.callbacks import Callbacks, compare_callbacks
from acr_relocate.core.verification.content import compare
from acr_relocate.core.verification.dependents import compare_dependents
from acr_relocate.core.verification.differences import Difference
from acr_relocate.core.verification.network import compare_addresses, compare_network
from acr_relocate.core.verification.settings import compare_plainly, compare_reading, compare_settings
from acr_relocate.core.verification.source_references import find_mentions


class RegistrySnapshot(FrozenModel):
    """A snapshot of one registry: its time, settings, content and surroundings."""

    registry: Registry
    content: Content
    around: Surroundings = Surroundings()
    seen_at: datetime | None = None


class SnapshotPair(FrozenModel):
    """Snapshots of both registries. `callbacks`: the comparison of their webhooks, without secrets.

    `pending`: what killed runs left changed.
    """

    source: RegistrySnapshot
    target: RegistrySnapshot
    callbacks: tuple[Callbacks, ...] | Unknown = ()
    pending: PendingRestores | Unknown = NOTHING_PENDING


def compare_relocated(
    pair: SnapshotPair, request: RelocationRequest, edited: dict[str, Any] | None = None, *, finished: bool
) -> tuple[Difference, ...]:
    """Return every difference that the relocation did not announce.

    `finished`: the cut-over is done, so its deferred settings are expected.
    """
    source, target = pair.source, pair.target
    waiting = {} if finished else target_design(source.registry, request, edited).deferred
    own = own_state(source.content, known_freezes(pair.pending), target.content)
    return (
        *compare(own, target.content, request.selection, request.accept_broken),
        *compare_reading(source.registry, target.registry),
        *compare_settings(source.registry, target.registry, request, waiting, edited),
        *compare_callbacks(source.registry.name, target.registry.name, pair.callbacks),
        *find_mentions(source.registry, target.registry, target.around),
    )


def compare_surroundings(
    pair: SnapshotPair, request: RelocationRequest, edited: dict[str, Any] | None = None, *, finished: bool = True
) -> tuple[Difference, ...]:
    """Return every difference in the access to the registries: networks, roles, locks.

    Until the relocation is `finished`, the target may lack the source's locks: they would prevent further changes.
    """
    source, target = pair.source, pair.target
    return (
        *(compare_bootstrap(source.registry, target.registry, source.around) if finished else ()),
        *compare_network(target.registry, source.around, target.around),
        *compare_addresses(target_design(source.registry, request, edited).registry, target.around),
        *compare_dependents(
            source.registry,
            target.registry,
            source.around,
            target.around,
            locks=finished,
            seen_at=target.seen_at,
            request=request,
        ),
    )


def compare_any(pair: SnapshotPair, selection: Selection) -> tuple[Difference, ...]:
    """Return every difference between two registries that are not related by a relocation.

    The dependents of one are expected to have the same at the other; each has a network of its own, which must lead
    there.
    """
    source, target = pair.source, pair.target
    return (
        *compare(source.content, target.content, selection),
        *compare_reading(source.registry, target.registry),
        *compare_plainly(source.registry, target.registry),
        *compare_callbacks(source.registry.name, target.registry.name, pair.callbacks),
        *find_mentions(source.registry, target.registry, target.around),
        *compare_network(target.registry, source.around, target.around),
        *compare_dependents(source.registry, target.registry, source.around, target.around, seen_at=target.seen_at),
    )
