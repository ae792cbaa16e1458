"""Which relocation it is. The id is on the run and in a tag of the target registry."""

from hashlib import sha256
from json import dumps
from typing import Final

from acr_relocate.core.request import RelocationRequest

PLAN_TAG: Final = "acr-relocate-plan"
SOURCE_TAG: Final = "acr-relocate-source"


def relocation_id(request: RelocationRequest) -> str:
    """Return 12 hexadecimal digits that are the same for every request from this source to this target and selection.

    The target's tag has it. Neither how it is done (force, concurrency, timeout) nor what is corrected between two runs
    (subnets, replacements, an edited template) matters, so that a person may correct it and run again.
    """
    return _digits(_relocation(request))


def plan_id(request: RelocationRequest) -> str:
    """Return the relocation's id, or another one if a person has edited the template: an approval is for one edit."""
    edited = request.template.sha256
    return _digits(_relocation(request) | ({"template": edited} if edited else {}))


def _relocation(request: RelocationRequest) -> dict[str, object]:
    what: dict[str, object] = {
        "source": request.source.resource_id.lower(),
        "target": request.target_id.lower(),
        "location": request.target.location,
        "selection": request.selection.model_dump() | {"repositories": sorted(set(request.selection.repositories))},
    }
    return what | ({} if request.content else {"content": False})


def _digits(what: dict[str, object]) -> str:
    return sha256(dumps(what, sort_keys=True).encode()).hexdigest()[:12]


def deployment_name(request: RelocationRequest) -> str:
    """Return the name of the target's deployment, the same every time: Azure keeps at most 800 of them."""
    return f"acr-relocate-{plan_id(request)}"
