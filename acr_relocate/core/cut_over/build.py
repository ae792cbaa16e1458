"""Build the cut-over: each part of the surroundings by its own module."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any, Final

from acr_relocate.core.cut_over import (
    alerts,
    bootstrap,
    deferred,
    dns,
    events,
    network_rules,
    pull_tests,
    roles,
    switches,
    tokens,
    vault_policies,
    webhooks,
)
from acr_relocate.core.cut_over.context import CutOverContext
from acr_relocate.core.cut_over.model import CutOver, CutOverAction
from acr_relocate.core.dependencies.context import MapContext
from acr_relocate.core.dependencies.raw_surroundings import Surroundings
from acr_relocate.core.registry.inventory import Content, Registry
from acr_relocate.core.request.relocation import RelocationRequest
from acr_relocate.core.target.edited_template import target_design

_PARTS: Final[tuple[Callable[[CutOverContext], Iterator[CutOverAction]], ...]] = (
    dns.dns_actions,
    roles.role_actions,
    vault_policies.vault_policy_actions,
    alerts.alert_actions,
    events.event_actions,
    tokens.token_actions,
    pull_tests.pull_test_actions,
    bootstrap.bootstrap_actions,
)


def build_cut_over(
    source: Registry,
    around: Surroundings,
    request: RelocationRequest,
    edited: dict[str, Any] | None = None,
    content: Content | None = None,
) -> CutOver:
    """Return the actions for everything that depends on the source, in order; the same result for each call.

    Nothing is removed from the source, so unknown surroundings are skipped; the dependency map reports them.
    `content`: the target's present or future content; without it no cluster can be asked to pull an image.
    """
    design = target_design(source, request, edited)
    cut = CutOverContext(MapContext(source, request, around), design.registry, content)
    rules = network_rules.network_rule_actions(cut, design.deferred)
    hooks = webhooks.webhook_actions(cut, design.deferred)
    return CutOver(
        actions=_in_order((*rules, *(action for part in _PARTS for action in part(cut)), *hooks)),
        deferred=_in_order(deferred.deferred_policy_actions(cut, design.deferred)),
        switches=_in_order(switches.switch_actions(cut)),
    )


def _in_order(found: Iterable[CutOverAction]) -> tuple[CutOverAction, ...]:
    once: dict[str, CutOverAction] = {}
    for action in found:
        once.setdefault(action.id, action)
    return tuple(sorted(once.values(), key=lambda action: action.wave))
