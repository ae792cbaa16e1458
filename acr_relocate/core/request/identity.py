"""Which relocation it is. The id is on the run and in a tag of the target registry."""

from hashlib import sha256
from json import dumps
from typing import Final

from acr_relocate.core.request.relocation import RelocationRequest
from acr_relocate.core.request.selection import Selection

PLAN_TAG: Final = "acr-relocate-plan"
SOURCE_TAG: Final = "acr-relocate-source"
MADE_TAG: Final = "acr-relocate-made"
"""Of a resource that a cut-over makes: its own id is in it, so that a policy that copies tags copies no proof."""
# Was once a part of the id, and so is in the tags of registries.
_EVERYTHING: Final = {"repositories": ["*"], "untagged": True, "referrers": True}


def relocation_id(request: RelocationRequest) -> str:
    """Return 12 hexadecimal digits that are the same for every request from this source to this target.

    The target's tag has it. Neither what is selected nor how it is done (force, concurrency, timeout) nor what is
    corrected between two runs (subnets, replacements, an edited template) matters, so that a person may widen or
    correct it and run again: docs/decisions/0003.
    """
    return _digits(_relocation(request))


def made_mark(relocation: str, resource_id: str) -> str:
    """Return the value of MADE_TAG for the resource: 12 hexadecimal digits that are another for every other id."""
    return _digits({"relocation": relocation, "id": resource_id.lower()})


def plan_id(request: RelocationRequest) -> str:
    """Return another id for each selection and each edit of the template: an approval is for what a person has seen.

    What is tried again of it (`only`) is the same plan.
    """
    edited, selected = request.template.sha256, _selected(request.selection)
    chosen = ({"selection": selected} if selected else {}) | ({} if request.content else {"content": False})
    return _digits(_relocation(request) | chosen | ({"template": edited} if edited else {}))


def _relocation(request: RelocationRequest) -> dict[str, object]:
    return {
        "source": request.source.resource_id.lower(),
        "target": request.target_id.lower(),
        "location": request.target.location,
        "selection": _EVERYTHING,
    }


def _selected(selection: Selection) -> dict[str, object]:
    """Return what the selection says, where that is not the default; the order of its lists does not matter."""
    said = selection.model_dump(exclude_defaults=True)
    return {name: sorted(set(value)) if isinstance(value, list) else value for name, value in said.items()}


def _digits(what: dict[str, object]) -> str:
    return sha256(dumps(what, sort_keys=True).encode()).hexdigest()[:12]


def deployment_name(request: RelocationRequest) -> str:
    """Return the name of the target's deployment, the same every time: Azure keeps at most 800 of them."""
    return f"acr-relocate-{plan_id(request)}"
