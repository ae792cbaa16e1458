"""Checks of whether the content of the registries is known."""

from collections.abc import Iterator
from typing import Final

from acr_relocate.core.checks.check import Violation, check
from acr_relocate.core.content.pulls import count_pulls
from acr_relocate.core.content.renamed import find_collisions, selected_repository_names
from acr_relocate.core.content.unmatched_selection import find_empty_selection, idle_parts
from acr_relocate.core.evidence.evidence import Evidence
from acr_relocate.core.evidence.unknown import Unknown
from acr_relocate.core.registry.inventory import Content, Registry
from acr_relocate.core.registry.spelling import says
from acr_relocate.core.target.design import subnet_ids
from acr_relocate.core.wording import plural

NETWORK_DENIED: Final = "NetworkDenied"


@check("blocker")
def registry_out_of_reach(evidence: Evidence) -> Iterator[Violation]:
    """A registry does not admit this machine, so its content is unknown. That is never taken for an empty registry.

    Source: F28; D/container-registry-troubleshoot-access.md.
    """
    registries = ((evidence.source, evidence.content), (evidence.target, evidence.target_content))
    for registry, content in registries:
        if isinstance(registry, Registry) and isinstance(content, Unknown) and content.code == NETWORK_DENIED:
            yield Violation(
                f"{registry.name} cannot be reached from here, so its content is unknown: {content.reason}",
                f"Run a worker where it has access, {_where(registry, evidence)}: prefect worker start --pool POOL",
                registry.id,
            )


@check("blocker")
def listing_incomplete(evidence: Evidence) -> Iterator[Violation]:
    """The content of a registry could not be listed to the end. That is never taken for an empty registry.

    Source: F28, F29, F30, F45: hidden manifests are counted but not listed.
    """
    registries = ((evidence.source, evidence.content), (evidence.target, evidence.target_content))
    for registry, content in registries:
        asked = isinstance(content, Unknown) and content.asked and content.code != NETWORK_DENIED
        if isinstance(registry, Registry) and isinstance(content, Unknown) and asked:
            yield Violation(
                f"The content of {registry.name} could not be listed: {content.reason}",
                "If it is a right that is missing, see the other findings. If something is hidden: az acr repository "
                f"update --name {registry.name} --image NAME@DIGEST --list-enabled true",
                registry.id,
            )


@check("warning")
def repository_hidden(evidence: Evidence) -> Iterator[Violation]:
    """A repository that the source's own settings name exists, but is not listed: its content would not be moved.

    Found by asking for the repositories that scope maps, webhooks and cache rules name. Others may be hidden as well.
    Source: F45; D/container-registry-image-lock.md.
    """
    for name in evidence.hidden if isinstance(evidence.hidden, tuple) else ():
        yield Violation(
            f"Repository {name} is there, but hidden from the catalogue (listEnabled=false).",
            f"az acr repository update --name {evidence.source.name} --repository {name} --list-enabled true",
            name,
        )


@check("warning")
def selection_matches_nothing(evidence: Evidence) -> Iterator[Violation]:
    """A name, pattern or range of the selection matches nothing at the source: mistyped, or deleted there.

    Source: the request; a registry may well be moved without content, but then the selection is left alone.
    """
    if not isinstance(evidence.content, Content):
        return
    there = f" There are: az acr repository list --name {evidence.source.name}"
    for field, what, idle in idle_parts(evidence.content, evidence.request.selection):
        yield Violation(
            f"No {what} of {evidence.source.name} matches {', '.join(idle)}.",
            f"Correct selection.{field}.{there if what == 'repository' else ''}",
            evidence.source.id,
        )


@check("blocker")
def selection_is_empty(evidence: Evidence) -> Iterator[Violation]:
    """The selection matches nothing in a source that has images: a relocation of nothing would look like a success.

    Source: the request. `allow_empty: true` says that this is meant.
    """
    if isinstance(evidence.content, Content):
        for found in find_empty_selection(evidence.content, evidence.request, evidence.copies):
            yield Violation(found.message, found.remedy, found.resource)


@check("blocker")
def repositories_collide(evidence: Evidence) -> Iterator[Violation]:
    """The request renames repositories so that several would be one at the target: their tags would replace each other.

    Source: the request.
    """
    if isinstance(evidence.content, Content):
        for found in find_collisions(evidence.content, evidence.request):
            yield Violation(found.message, found.remedy, found.resource)


@check("warning")
def rename_matches_nothing(evidence: Evidence) -> Iterator[Violation]:
    """A rule of the request's `rename` applies to no selected repository: mistyped, or not selected.

    Source: the request.
    """
    if not isinstance(evidence.content, Content):
        return
    names = selected_repository_names(evidence.content, evidence.request)
    if idle := evidence.request.names.idle(names):
        yield Violation(
            f"No selected repository of {evidence.source.name} is renamed by {', '.join(idle)}.",
            f"Correct rename. There are: az acr repository list --name {evidence.source.name}",
            evidence.source.id,
        )


@check("warning")
def pulls_unknown(evidence: Evidence) -> Iterator[Violation]:
    """The selection wants what was pulled lately, and the source's logs do not tell of all content whether it was.

    Source: D/monitor-container-registry.md: a diagnostic setting sends repository events, from then on.
    """
    if not isinstance(evidence.content, Content):
        return
    counts = count_pulls(evidence.content, evidence.request.selection, evidence.copies)
    if counts.reason:
        yield Violation(
            f"Whether {plural(counts.unknown, 'tag')} of {evidence.source.name} were pulled since "
            f"{evidence.request.selection.pulled_since} is unknown, so they are moved: {counts.reason}.",
            "Move all of it, or send the events to a workspace and wait: az monitor diagnostic-settings create --name "
            f"pulls --resource {evidence.source.id} --workspace WORKSPACE --logs "
            '\'[{"category": "ContainerRegistryRepositoryEvents", "enabled": true}]\'',
            evidence.source.id,
        )


def _where(registry: Registry, evidence: Evidence) -> str:
    """Return in words from where the registry is reachable."""
    endpoints = [endpoint.rsplit("/", 1)[-1] for endpoint in evidence.endpoints]
    rules = (registry.properties.get("networkRuleSet") or {}).get("ipRules") or ()
    addresses = [str(rule.get("value")) for rule in rules]
    closed = says(registry.properties.get("publicNetworkAccess"), "Disabled")
    places = [f"in the network of its private endpoint {', '.join(endpoints)}"] if endpoints else []
    if not closed:
        places += [f"in {', '.join(subnet_ids(registry))}"] if subnet_ids(registry) else []
        places += [f"behind one of the addresses {', '.join(addresses)}"] if addresses else []
    return " or ".join(places) or "which is nowhere yet: give it a private endpoint or a network rule"
