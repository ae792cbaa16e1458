"""The surroundings of a registry as Azure shows them, before any conclusion."""

from __future__ import annotations

from typing import Any, TypeVar

from pydantic import Field

from acr_relocate.core.evidence.azure_facts import Lock
from acr_relocate.core.evidence.unknown import Unknown
from acr_relocate.core.model import FrozenModel

Json = dict[str, Any]
Rows = tuple[Json, ...] | Unknown
Item = TypeVar("Item")


class OddRow(FrozenModel):
    """A resource about which Azure answered in an undocumented form, and the part of the surroundings that it is of."""

    part: str
    name: str = ""
    id: str = ""
    reason: str


class Surroundings(FrozenModel):
    """The surroundings of a registry as Azure shows them. A part that could not be read is Unknown, never empty.

    `naming`: resources whose settings name the registry's id or login server. `clusters`: all that the identity may
    see, because only their nodes' identity ties them to a registry. `running`: by the lower-case id of each cluster
    that keeps such logs, the images of the registry that ran there lately, without the registry's name. `sites`:
    apps and slots that run containers, with `properties.siteConfig` from their configuration and `sitecontainers`.
    `batch_pools`: all. `downstream`: cache rules and tasks of other registries that name this one. `through_groups`: of
    clusters without a role of their own, the node identity in lower case -> the group through which it has one.
    `host_rules`: policies whose text names the registry. `role_assignments`: at the registry and above. `alerts`: all
    rules the identity may see. `granted`: roles of the registry's own identities elsewhere. `endpoints`: private
    endpoints of the registry, with
    `privateDnsZoneGroups` and `interfaces`. `zones`: with `A` and `virtualNetworkLinks`. `others`: resources that the
    parts above name by id, principal or vault address. `odd`: resources that belong to these parts, and are in none.
    """

    naming: Rows = ()
    clusters: Rows = ()
    running: dict[str, tuple[str, ...] | Unknown] = Field(default_factory=dict)
    sites: Rows = ()
    batch_pools: Rows = ()
    downstream: Rows = ()
    through_groups: dict[str, str] | Unknown = Field(default_factory=dict)
    host_rules: Rows = ()
    role_assignments: Rows = ()
    granted: Rows = ()
    diagnostic_settings: Rows = ()
    alerts: Rows = ()
    event_subscriptions: Rows = ()
    endpoints: Rows = ()
    zones: Rows = ()
    policies: Rows = ()
    others: Rows = ()
    locks: tuple[Lock, ...] | Unknown = ()
    odd: tuple[OddRow, ...] = ()


def readable_items(found: tuple[Item, ...] | Unknown) -> tuple[Item, ...]:
    """Return the items, or none if unknown: the map lists unreadable parts separately."""
    return () if isinstance(found, Unknown) else found


def properties(entry: Json) -> Json:
    """Return the resource's properties, possibly empty."""
    return entry.get("properties") or {}
