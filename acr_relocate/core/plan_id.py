"""Which relocation it is. The id is on the run and in a tag of the target registry."""

from hashlib import sha256
from json import dumps
from typing import Final

from acr_relocate.core.request import RelocationRequest

PLAN_TAG: Final = "acr-relocate-plan"
SOURCE_TAG: Final = "acr-relocate-source"


def plan_id(request: RelocationRequest) -> str:
    """Return 12 hexadecimal digits that are the same for every request from this source to this target and selection.

    Neither how it is done (force, concurrency, timeout) nor what is corrected between two runs (subnets, replacements)
    matters. An edited template does, by what is in it.
    """
    what: dict[str, object] = {
        "source": request.source.resource_id.lower(),
        "target": request.target_id.lower(),
        "location": request.target.location,
        "selection": request.selection.model_dump() | {"repositories": sorted(set(request.selection.repositories))},
    }
    what |= {} if request.content else {"content": False}
    what |= {"template": request.template.sha256} if request.template.sha256 else {}
    return sha256(dumps(what, sort_keys=True).encode()).hexdigest()[:12]


def deployment_name(request: RelocationRequest) -> str:
    """Return the name of the target's deployment, the same every time: Azure keeps at most 800 of them."""
    return f"acr-relocate-{plan_id(request)}"
