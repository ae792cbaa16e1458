"""The facts that the checks need. An unreadable one is Unknown with its reason, never absent."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import Any, Self

from pydantic import Field

from acr_relocate.core.content.import_ledger import NOTHING_KNOWN, ImportLedger
from acr_relocate.core.content.selection import RepositoryCopies, copy_roots
from acr_relocate.core.content.source_freeze import NOTHING_PENDING, PendingRestores
from acr_relocate.core.evidence.azure_facts import (
    AddressSpace,
    DiagnosticSink,
    KeyVault,
    Lock,
    NameAvailability,
    PermissionSet,
    RegionOffer,
    SourceEndpoint,
    Subnet,
    Subscription,
    TargetResourceGroup,
    UserAssignedIdentity,
    Validation,
)
from acr_relocate.core.evidence.push_facts import PushFacts
from acr_relocate.core.evidence.unknown import NOT_ASKED, Unknown
from acr_relocate.core.model import FrozenModel
from acr_relocate.core.registry.inventory import Content, Registry
from acr_relocate.core.request.relocation import RelocationRequest
from acr_relocate.core.target.design import Design, design


class Evidence(FrozenModel):
    """The input of the checks. `target` None, a subnet None and the like mean: read, and absent.

    By id: `subscriptions` of source, target and subnets; `subnets`, the target subnets of the request; in lower case
    `address_spaces`, those in which its private endpoints have fixed addresses; `identities` and `endpoints`, those
    that the source names. `vaults` by name. `locks` are those in force on the source registry
    and on the target's resource group, inherited ones included. `providers`: subscription id -> registrationState of
    Microsoft.ContainerRegistry. `permissions`: scope -> the running identity's permissions. `roles`: the number of role
    assignments made at the source itself. `hidden`: repositories that the source's own settings name and that
    exist, but that its catalogue does not show. `usage`: of the source, name -> current value, limit (-1: none).
    `content` is the source's. `brought`: the imports of earlier runs. `pending`: the changes of killed
    runs that are not restored. `push_facts`: read only if the request lets artifacts be pushed. `parts`: the
    relocations that have brought their part to a target with several sources.
    """

    request: RelocationRequest
    source: Registry
    target: Registry | Unknown | None = NOT_ASKED
    name: NameAvailability | Unknown = NOT_ASKED
    region: RegionOffer | Unknown = NOT_ASKED
    subscriptions: dict[str, Subscription | Unknown | None] = Field(default_factory=dict)
    group: TargetResourceGroup | Unknown | None = NOT_ASKED
    subnets: dict[str, Subnet | Unknown | None] = Field(default_factory=dict)
    address_spaces: dict[str, AddressSpace | Unknown | None] = Field(default_factory=dict)
    locks: tuple[Lock, ...] | Unknown = NOT_ASKED
    providers: dict[str, str | Unknown] = Field(default_factory=dict)
    permissions: dict[str, tuple[PermissionSet, ...] | Unknown | None] = Field(default_factory=dict)
    identities: dict[str, UserAssignedIdentity | Unknown | None] = Field(default_factory=dict)
    vaults: dict[str, KeyVault | Unknown | None] = Field(default_factory=dict)
    endpoints: dict[str, SourceEndpoint | Unknown | None] = Field(default_factory=dict)
    sinks: tuple[DiagnosticSink, ...] | Unknown = NOT_ASKED
    event_subscriptions: tuple[str, ...] | Unknown = NOT_ASKED
    roles: int | Unknown = NOT_ASKED
    usage: dict[str, tuple[int, int]] | Unknown = NOT_ASKED
    validation: Validation | Unknown | None = NOT_ASKED
    hidden: tuple[str, ...] | Unknown = NOT_ASKED
    content: Content | Unknown = NOT_ASKED
    target_content: Content | Unknown | None = NOT_ASKED
    brought: ImportLedger = NOTHING_KNOWN
    push_facts: PushFacts = PushFacts()
    pending: PendingRestores | Unknown = NOT_ASKED
    parts: frozenset[str] = frozenset()

    @cached_property
    def design(self) -> Design:
        """Return the target's design: computed once, because a dozen checks look at it."""
        return design(self.source, self.request)

    @cached_property
    def copies(self) -> RepositoryCopies:
        """Return each selected repository and its imports, computed once; nothing if the content is unknown."""
        content = self.content
        return () if isinstance(content, Unknown) else tuple(copy_roots(content, self.request.selection))

    def model_copy(self, *, update: Mapping[str, Any] | None = None, deep: bool = False) -> Self:
        """Return a copy that computes design and copies for itself."""
        copied = super().model_copy(update=update, deep=deep)
        for computed in ("design", "copies"):
            copied.__dict__.pop(computed, None)
        return copied


def with_content(
    evidence: Evidence,
    content: Content | Unknown,
    target_content: Content | Unknown | None,
    hidden: tuple[str, ...] | Unknown,
    brought: ImportLedger = NOTHING_KNOWN,
    pending: PendingRestores | Unknown = NOTHING_PENDING,
) -> Evidence:
    """Return the evidence with the content of the registries; it is read separately, because it takes longest."""
    return evidence.model_copy(
        update={
            "content": content,
            "target_content": target_content,
            "hidden": hidden,
            "brought": brought,
            "pending": pending,
        }
    )
