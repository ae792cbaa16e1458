"""The id of a relocation, and its target. The id is on the run and in a tag of the target registry."""

from hashlib import sha256
from json import dumps
from typing import Final

from acr_relocate.core.request.registry_refs import RegistryRef
from acr_relocate.core.request.relocation import RelocationRequest
from acr_relocate.core.request.selection import Selection

PLAN_TAG: Final = "acr-relocate-plan"
SOURCE_TAG: Final = "acr-relocate-source"
MADE_TAG: Final = "acr-relocate-made"
"""The mark of a resource that a cut-over creates: it contains the resource's id, so a copied tag is no proof."""
PART_TAG: Final = "acr-relocate-consolidation"
"""The mark of the deployments of all sources that move into one target."""
# Was once part of the id, so existing tags depend on it.
_EVERYTHING: Final = {"repositories": ["*"], "untagged": True, "referrers": True}


def relocation_id(request: RelocationRequest) -> str:
    """Return 12 hexadecimal digits, the same for every request from this source to this target.

    The target's tag has it. The selection, the execution options (force, concurrency, timeout) and corrections between
    two runs (subnets, replacements, an edited template) do not change it, so that a person may widen or correct a
    request and run again: docs/decisions/0003.
    """
    return _digits(_relocation(request))


def target_mark(request: RelocationRequest) -> str:
    """Return the value of the target's tag: the id of the relocation, or that of all sources that share the target."""
    if not request.consolidation.sources:
        return relocation_id(request)
    return _digits({"consolidation": request.target_id.lower(), "location": request.target.location})


def made_mark(relocation: str, resource_id: str) -> str:
    """Return the value of MADE_TAG for the resource: 12 hexadecimal digits, unique for each id."""
    return _digits({"relocation": relocation, "id": resource_id.lower()})


def plan_id(request: RelocationRequest) -> str:
    """Return a different id for each selection, rename and edit of the template: an approval covers one of them.

    A retry of part of it (`only`) has the same id.
    """
    edited, selected = request.template.sha256, _selected(request.selection)
    chosen = ({"selection": selected} if selected else {}) | ({} if request.content else {"content": False})
    renamed = {"rename": request.rename} if request.rename else {}
    decided = request.consolidation.decisions
    renamed |= {"decisions": decided} if decided else {}
    return _digits(_relocation(request) | chosen | renamed | ({"template": edited} if edited else {}))


def _relocation(request: RelocationRequest) -> dict[str, object]:
    return {
        "source": request.source.resource_id.lower(),
        "target": request.target_id.lower(),
        "location": request.target.location,
        "selection": _EVERYTHING,
    }


def _selected(selection: Selection) -> dict[str, object]:
    """Return the non-default fields of the selection; the order of its lists does not matter."""
    said = selection.model_dump(exclude_defaults=True)
    return {name: sorted(set(value)) if isinstance(value, list) else value for name, value in said.items()}


def _digits(what: dict[str, object]) -> str:
    return sha256(dumps(what, sort_keys=True).encode()).hexdigest()[:12]


def deployment_name(request: RelocationRequest) -> str:
    """Return the name of the target's deployment, always the same: Azure keeps at most 800 of them."""
    return f"acr-relocate-{plan_id(request)}"


def target_ref(request: RelocationRequest) -> RegistryRef:
    """Return the target registry, by where it is or will be."""
    return RegistryRef(
        subscription_id=request.target_subscription_id,
        resource_group=request.target.resource_group,
        name=request.target.name,
    )
