"""Checks of several sources that move into one target: their clashes, their order, their prefixes."""

from __future__ import annotations

from collections.abc import Iterator

from acr_relocate.core.checks.check import Violation, check
from acr_relocate.core.evidence.evidence import Evidence
from acr_relocate.core.registry.inventory import Content
from acr_relocate.core.registry.rename_map import AT_TARGET
from acr_relocate.core.registry.share import Clash
from acr_relocate.core.request.identity import relocation_id
from acr_relocate.core.request.registry_refs import RegistryRef
from acr_relocate.core.wording import plural


@check("decision")
def settings_clash(evidence: Evidence) -> Iterator[Violation]:
    """A setting or a child resource is not the same at the sources of one target: the first one's value holds.

    Source: a registry has each setting, and each name of a child resource, once.
    """
    for clash in evidence.source.share.clashes:
        if not (clash.required or clash.decided):
            yield _clash(clash, f" The target gets that of {clash.chosen}.")


@check("decision", required=True)
def access_settings_clash(evidence: Evidence) -> Iterator[Violation]:
    """A setting that opens a registry, or deletes from it, is not the same at the sources of one target.

    The SKU, the permission mode, public access, network rules, encryption, retention, scope maps, tokens: no
    content is put under those of another source without a decision.
    Source: a registry has each of them once, for all its repositories.
    """
    for clash in evidence.source.share.clashes:
        if clash.required:
            yield _clash(clash, "")


@check("blocker")
def earlier_source_not_moved(evidence: Evidence) -> Iterator[Violation]:
    """A source of the same target that is listed before this one has not brought its part yet.

    The first makes the target, the last applies what waits for all.
    Source: the deployments in the target's resource group.
    """
    for ref in _missing(evidence, _before(evidence)):
        yield Violation(
            f"{ref.name} is moved before {evidence.source.name}, and has not moved to "
            f"{evidence.request.target.name} yet.",
            f"Run the request of {ref.name} first, or run the batch, which keeps the order.",
            evidence.request.target_id,
        )


@check("blocker")
def other_source_unread(evidence: Evidence) -> Iterator[Violation]:
    """Another source of the same target is gone or cannot be read, and not all have brought their parts.

    Its settings decide what the target gets.
    Source: Azure Resource Manager.
    """
    unread = evidence.source.share.unread
    everyone = (evidence.request.source, *_beside(evidence))
    if unread and _missing(evidence, everyone):
        yield Violation(
            f"{plural(len(unread), 'other source')} of {evidence.request.target.name} could not be read: "
            f"{', '.join(unread)}.",
            "Give the identity Reader there, and keep each source until the last one is moved.",
            evidence.request.target_id,
        )


@check("blocker")
def prefix_taken(evidence: Evidence) -> Iterator[Violation]:
    """The target has repositories below the prefix of a source that has not moved yet: they are of others.

    Source: the target's catalogue; a prefix without others' content lets `discard` know what is ours.
    """
    content, shared = evidence.target_content, evidence.request.consolidation
    if not shared.sources or not isinstance(content, Content) or relocation_id(evidence.request) in evidence.parts:
        return
    names = (*(one.name for one in content.repositories), *content.not_listed)
    taken = [evidence.request.names.to_target(name) for name in names if not name.startswith(AT_TARGET)]
    if taken:
        yield Violation(
            f"{evidence.request.target.name} has repositories below {shared.prefix_of(evidence.source.name)}/ already: "
            f"{', '.join(sorted(taken)[:3])}.",
            "Choose another prefix, or ask those who pushed them to delete them.",
            evidence.request.target_id,
        )


@check("decision")
def roles_reach_all_sources(evidence: Evidence) -> Iterator[Violation]:
    """Roles at a source hold for all of the target: their holders reach what the other sources bring.

    Source: a role at a registry covers its repositories, unless its condition names some (ABAC).
    """
    others = [ref.name for ref in _beside(evidence)]
    if others and evidence.roles != 0:
        yield Violation(
            f"Holders of roles at {evidence.source.name} reach the repositories of {', '.join(others)} at the target, "
            "and so do tokens with scope maps of the system.",
            "Give them conditions on names of repositories (permission mode AbacRepositoryPermissions), or scope maps "
            "of their own, before the cut-over.",
            evidence.source.id,
        )


def _clash(clash: Clash, outcome: str) -> Violation:
    values = "; ".join(f"{name}: {value}" for name, value in clash.values.items())
    either = " or ".join(clash.values)
    return Violation(
        f"{clash.setting} is not the same at the sources ({values}).{outcome}",
        f"# In the request or the batch:\nconsolidation:\n  decisions:\n    {clash.setting}: {either}",
        clash.setting,
    )


def _before(evidence: Evidence) -> tuple[RegistryRef, ...]:
    shared = evidence.request.consolidation
    return shared.before(evidence.source.name) if shared.sources else ()


def _beside(evidence: Evidence) -> tuple[RegistryRef, ...]:
    shared = evidence.request.consolidation
    return shared.beside(evidence.source.name) if shared.sources else ()


def _missing(evidence: Evidence, refs: tuple[RegistryRef, ...]) -> list[RegistryRef]:
    """Return the sources among these that have brought nothing yet."""
    request = evidence.request
    return [ref for ref in refs if relocation_id(request.model_copy(update={"source": ref})) not in evidence.parts]
