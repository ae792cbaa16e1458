"""A source that is deleted so that its name can be taken again in another region."""

from __future__ import annotations

from typing import Final, Literal

from acr_relocate.core.errors import InvalidRequest, NameTaken, NotFound
from acr_relocate.core.registry.inventory import Registry
from acr_relocate.core.registry.regions import normalise_location
from acr_relocate.core.registry.resource_ids import ResourceId
from acr_relocate.core.removal.source_evidence import DeletionEvidence
from acr_relocate.core.request.identity import PLAN_TAG, relocation_id, target_ref
from acr_relocate.core.request.maintenance_window import Window
from acr_relocate.core.request.registry_refs import RegistryRef
from acr_relocate.core.request.relocation import RelocationRequest
from acr_relocate.core.request.second_hop import second_hop
from acr_relocate.core.wording import plural

NameStage = Literal["held", "free", "taken", "finished"]
"""The holder of the name: the registry in the old region, none, or ours in the new one; without an intermediate one."""

WAY_BACK: Final = (
    "{intermediate} has everything, under a name that works: point what is urgent at it (`acr-relocate references "
    "rewrite --from {name} --to {intermediate}`). Then run `acr-relocate keep-name` again; if somebody else has the "
    "name, {intermediate} is the registry from now on."
)


def name_stage(
    request: RelocationRequest, former: Registry | None, intermediate: Registry | None, returned: Registry | None
) -> NameStage:
    """Return the holder of the name, by Azure's facts alone, so that any machine continues at the right step.

    Args:
        request: The request that keeps the name.
        former: The registry at the source's resource id.
        intermediate: The registry at the request's target.
        returned: The registry at the id that the name is to have in the end, often that of the source.

    """
    location, ours = request.target.location, relocation_id(second_hop(request))
    if former is not None and normalise_location(former.location) != location:
        return "held"
    if returned is not None:
        if returned.tags.get(PLAN_TAG) == ours:
            return "finished" if intermediate is None else "taken"
        raise _not_ours(request, returned, intermediate)
    if intermediate is None or intermediate.tags.get(PLAN_TAG) != relocation_id(request):
        raise NotFound(
            f"Neither {request.source.name} nor the intermediate registry {request.target.name} of its relocation is "
            "there",
            code="RegistryNotFound",
            resource=request.target_id,
            remedy="Check source and target of the request: it has to be the one with which it began.",
        )
    return "free"


def _not_ours(request: RelocationRequest, found: Registry, intermediate: Registry | None) -> Exception:
    if intermediate is None:
        return InvalidRequest(f"{found.name} is in {request.target.location} already.")
    return NameTaken(
        f"{found.name} in {found.location} was not created by this relocation",
        code="NameTaken",
        resource=found.id,
        remedy=way_back(request),
    )


def places_of_name(request: RelocationRequest) -> tuple[RegistryRef, ...]:
    """Return where a registry with the source's name may be: where the name is kept, in two groups perhaps."""
    return (request.source, target_ref(second_hop(request))) if request.keeps_name else (request.source,)


def refuse_kept_name(request: RelocationRequest) -> None:
    """Raise InvalidRequest if the name is kept: the source is then deleted in its turn, as one step of several."""
    if request.keeps_name:
        raise InvalidRequest(
            f"The request keeps the name {request.source.name}, and `acr-relocate keep-name` alone deletes the source",
            remedy="`acr-relocate keep-name REQUEST`; to remove the intermediate one: acr-relocate discard REQUEST",
        )


def deletion_window(request: RelocationRequest) -> Window:
    """Return when the deletion may begin: without the registry no pull succeeds, if its name is kept. Else always."""
    return request.window if request.keeps_name else Window()


def way_back(request: RelocationRequest) -> str:
    """Return how to go on if the name cannot be taken again."""
    return WAY_BACK.format(intermediate=request.target.name, name=request.source.name)


def dead_with_it(evidence: DeletionEvidence) -> tuple[str, ...]:
    """Return the source's private endpoints where the name is kept: without it they are of no use.

    They have to go before the name has others: a zone group that goes later takes the new DNS records along.
    """
    if not evidence.request.keeps_name:
        return ()
    found = evidence.pair.source.registry.children_of("privateEndpoints")
    return tuple(str(endpoint.properties["id"]) for endpoint in found)


def goes_with_name(evidence: DeletionEvidence) -> dict[str, dict[str, str]]:
    """Return what an approval covers besides, where the name is kept."""
    if not evidence.request.keeps_name:
        return {}
    place = f"{evidence.request.target.location} as {second_hop(evidence.request).target_id}"
    return {"private endpoints": dict.fromkeys(dead_with_it(evidence), ""), "name": {place: ""}}


def use_in_words(evidence: DeletionEvidence) -> str:
    """Return what was found of the use of the source: where its name is kept, nothing that counts."""
    tags = plural(evidence.held.tag_count, "tag")
    if evidence.request.keeps_name:
        return f"the users of {tags} of it come back to its name"
    return f"no use found of {tags} of it, as far as Azure shows"


def kept_name_in_words(evidence: DeletionEvidence) -> str:
    """Return what follows for the users of the name, as sentences; nothing for another relocation."""
    request = evidence.request
    if not request.keeps_name:
        return ""
    endpoints = [ResourceId(one).name for one in dead_with_it(evidence)]
    also = f" Its private endpoints are deleted with it: {', '.join(endpoints)}." if endpoints else ""
    return (
        f"Then {request.source.name} is created again in {request.target.location}. Until its images are there, "
        f"nothing can be pulled from it; everything is at {request.target.name}.{also} "
    )
