"""Keep the login server's name: a relocation to an intermediate registry, and from there to the freed name.

`target: {name: same}` becomes a relocation to the intermediate registry, which every flow understands. The second hop
follows from it.
"""

from __future__ import annotations

from hashlib import sha256
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel

from acr_relocate.core.request.fields import SAME, taken_apart

if TYPE_CHECKING:
    from acr_relocate.core.request.relocation import RelocationRequest


def with_intermediate(data: object) -> object:
    """Return the fields of a request whose target has the name `same` with the intermediate registry as its target."""
    if not isinstance(data, dict):
        return data
    target = _fields(data.get("target"))
    if not isinstance(target, dict) or target.get("name") != SAME:
        return data
    name = _name(_fields(data.get("source")))
    if not name:
        return data  # the source is refused for itself
    chosen = target.get("intermediate") or intermediate_name(name, str(target.get("location") or ""))
    return data | {"target": target | {"name": chosen, "intermediate": chosen}}


def intermediate_name(source: str, location: str) -> str:
    """Return a name for the intermediate registry, the same on every machine."""
    digits = sha256(f"{source.lower()} {location.lower().replace(' ', '')}".encode()).hexdigest()[:6]
    return f"{source.lower()[:43]}x{digits}"


def require_whole_move(request: RelocationRequest) -> None:
    """Raise ValueError where a request that keeps the name does not move everything, as it was, alone.

    The source is deleted while its consumers still name it, so all that they pull has to be in the intermediate
    registry, under its own name, and all that belongs to the source at it.
    """
    if not request.target.intermediate:
        return
    if request.target.intermediate != request.target.name:
        raise ValueError(
            f'target.intermediate: "{request.target.intermediate}" is for target.name: same, but the target is named '
            f'"{request.target.name}"'
        )
    if found := [field for field, is_wrong in _partial(request).items() if is_wrong]:
        raise ValueError(
            f"target.name: same moves everything as it is, so leave out {', '.join(found)}: consumers keep the name, "
            "and the source is deleted once the intermediate registry holds all of it"
        )


def _partial(request: RelocationRequest) -> dict[str, bool]:
    """Return for each field whether it would leave something behind or elsewhere."""
    chosen = request.selection
    narrowed = "*" not in chosen.repositories or chosen.exclude_repositories or not chosen.is_everything
    narrowed = narrowed or chosen.referrer_types != ["*"] or chosen.exclude_referrer_types
    return {
        "selection": bool(narrowed),
        "consolidation": bool(request.consolidation.sources),
        "rename": bool(request.rename),
        "content: false": not request.content,
        "cut_over: false": not request.cut_over,
        "delete_source": request.delete_source,
        "switch": request.switch.enabled,
        "template": bool(request.template.path),
        "static_addresses": bool(request.static_addresses),
    }


def _name(source: object) -> str:
    try:
        apart = taken_apart(source)
    except ValueError:
        return ""
    name = apart.get("name") if isinstance(apart, dict) else None
    return name if isinstance(name, str) else ""


def _fields(part: object) -> Any:
    return part.model_dump() if isinstance(part, BaseModel) else part
