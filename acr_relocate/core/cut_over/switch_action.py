"""The action that switches a dependent: what every family of dependents has in common."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from pydantic import ValidationError

from acr_relocate.core.cut_over.arm_calls import ArmCall, DoneWhen, Json
from acr_relocate.core.cut_over.context import CutOverContext
from acr_relocate.core.cut_over.effects import SwitchDependent
from acr_relocate.core.cut_over.model import CutOverAction
from acr_relocate.core.dependencies.context import az
from acr_relocate.core.dependencies.raw_surroundings import properties
from acr_relocate.core.registry.inventory import Content
from acr_relocate.core.registry.mentions import names_of, texts_in
from acr_relocate.core.registry.resource_ids import ResourceId
from acr_relocate.core.registry.stored_result import wrong_places
from acr_relocate.core.request.dependents_to_switch import SwitchedKind
from acr_relocate.core.switching import SwitchedDependent
from acr_relocate.core.switching.facts import dependent_name
from acr_relocate.core.switching.former_values import FormerImage


@dataclass(frozen=True)
class SwitchCandidate:
    """A dependent that names the source and is selected: its kind, its resource, and how it is switched.

    `refused`: why it is left to people. `facts`: its former value. `call`: its first write, without a body. `look`: the
    test that it is done. `leaves`: the command for what of it stays with people. `also`: a change that depends on what
    no plan may read.
    """

    kind: SwitchedKind
    path: str
    call: ArmCall
    facts: Callable[[], SwitchedDependent]
    look: Callable[[SwitchedDependent], DoneWhen]
    refused: str = ""
    leaves: str = ""
    also: str = ""


def drawn_switch(cut: CutOverContext, candidate: SwitchCandidate) -> CutOverAction:
    """Return the action of the candidate, refused with the reason where it cannot be."""
    refused, former = candidate.refused, None
    if not refused:
        try:
            former = candidate.facts().under(cut.request.names)
        except ValidationError as error:
            refused = f"its former value could not be recorded ({wrong_places(error)})"
    if former and (missing := _missing_images(former, cut.content if cut.request.content else None)):
        refused = f"{cut.request.target.name} has no {', '.join(missing)}"
    if former is None or refused:
        return _refused(candidate, refused)
    return CutOverAction(
        id=f"{candidate.path.lower()}/switch",
        kind=candidate.kind,
        about=former.covers,
        subject=former.name,
        what=f"switch {former.name} to {cut.request.target.name}: {former.in_words}{candidate.also}",
        call=candidate.call,
        look=candidate.look(former),
        effect=SwitchDependent(former=former),
        leaves=candidate.leaves,
    )


def is_selected(cut: CutOverContext, kind: SwitchedKind, entry: Json) -> bool:
    """Return whether the request selects the resource."""
    path = str(entry["id"])
    return cut.request.switch.selects(kind, dependent_name(path), ResourceId(path).group, entry.get("tags") or {})


def target_server(cut: CutOverContext) -> str:
    """Return the target's login server; before it exists, the one that it gets without a hash in it."""
    if cut.content is not None:
        return cut.content.login_server
    return f"{cut.request.target.name}.{cut.source.login_server.partition('.')[2]}"


def other_settings(cut: CutOverContext, entry: Json, switched: tuple[str, ...]) -> str:
    """Return the command that shows the resource, if settings that are not switched name the source; else empty."""
    named = names_of(cut.source)
    ends = tuple(each.lower() for each in switched)
    texts = texts_in(properties(entry))
    found = sorted({path for path, text in texts if named.search(text) and not path.lower().endswith(ends)})
    return f"{az('resource show', ids=entry['id'])}  # its {', '.join(found)} names the source, too" if found else ""


def _refused(candidate: SwitchCandidate, reason: str) -> CutOverAction:
    """Return an action that is not done, with the reason."""
    name = dependent_name(candidate.path)
    look = candidate.call.model_copy(update={"method": "GET", "body": {}})
    return CutOverAction(
        id=f"{candidate.path.lower()}/switch",
        kind=candidate.kind,
        about=(candidate.path,),
        subject=name,
        what=f"leave {name} to people",
        call=look,
        look=DoneWhen(call=look),
        effect=SwitchDependent(),
        refused=reason,
    )


def _missing_images(former: SwitchedDependent, content: Content | None) -> list[str]:
    """Return the images that the target does not have, as far as its content is known."""
    if content is None:
        return []
    tags = {f"{one.name}:{tag.name}" for one in content.repositories for tag in one.tags}
    digests = {f"{one.name}@{manifest.digest}" for one in content.repositories for manifest in one.manifests}
    return [path for path in map(_path, former.images) if _named(path) not in tags | digests]


def _path(image: FormerImage) -> str:
    return image.image.partition("/")[2]


def _named(path: str) -> str:
    """Return the image by its digest if it has one, else by its tag, which is `latest` if it has none."""
    name, _, digest = path.partition("@")
    if digest:
        return f"{name.partition(':')[0]}@{digest}"
    return name if ":" in name else f"{name}:latest"
