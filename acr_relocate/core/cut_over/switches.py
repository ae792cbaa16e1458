"""Switch dependents: those that the request selects run the target's images instead of the source's."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from pydantic import ValidationError

from acr_relocate.core.cut_over.arm_calls import ArmCall, DoneWhen, Json
from acr_relocate.core.cut_over.context import CutOverContext
from acr_relocate.core.cut_over.effects import SwitchDependent
from acr_relocate.core.cut_over.model import CutOverAction
from acr_relocate.core.dependencies.context import az
from acr_relocate.core.dependencies.raw_surroundings import properties, readable_items
from acr_relocate.core.registry.inventory import Content
from acr_relocate.core.registry.mentions import names_of, texts_in
from acr_relocate.core.registry.resource_ids import ResourceId
from acr_relocate.core.registry.stored_result import wrong_places
from acr_relocate.core.request.dependents_to_switch import SwitchedKind
from acr_relocate.core.switching import SwitchedDependent
from acr_relocate.core.switching.container_apps import (
    CONTAINER_APPS_API,
    facts_of_app,
    names_source,
    why_not_switched,
)
from acr_relocate.core.switching.facts import FormerImage

_SWITCHED: Final = (".containers.image", ".initContainers.image", ".registries.server")
_KINDS: Final[dict[str, SwitchedKind]] = {
    "microsoft.app/containerapps": "container_app",
    "microsoft.app/jobs": "container_app_job",
}


def switch_actions(cut: CutOverContext) -> Iterator[CutOverAction]:
    """Yield the switch of each selected dependent that names the source; refused with the reason where it cannot be."""
    wanted = cut.request.switch
    if not wanted.enabled:
        return
    for entry in readable_items(cut.scene.around.naming):
        kind = _KINDS.get(str(entry.get("type") or "").lower())
        if kind is None or not names_source(entry, cut.source.login_server):
            continue
        place = ResourceId(str(entry["id"]))
        if wanted.selects(kind, place.name, place.group, entry.get("tags") or {}):
            yield _switch(cut, kind, entry)


def _switch(cut: CutOverContext, kind: SwitchedKind, app: Json) -> CutOverAction:
    path, source, target = str(app["id"]), cut.source.login_server, _target_server(cut)
    name = ResourceId(path).name
    if refused := why_not_switched(app, source):
        return _refused(kind, path, refused)
    try:
        former = facts_of_app(kind, app, registry_id=cut.source.id, source_server=source, target_server=target)
    except ValidationError as error:
        return _refused(kind, path, f"its former value could not be recorded ({wrong_places(error)})")
    if missing := _missing_images(former, cut.content if cut.request.content else None):
        return _refused(kind, path, f"{cut.request.target.name} has no {', '.join(missing)}")
    return CutOverAction(
        id=f"{path.lower()}/switch",
        kind=kind,
        about=(path,),
        subject=name,
        what=f"switch {name} to {cut.request.target.name}: {former.in_words}",
        call=ArmCall(method="PATCH", path=path, api_version=CONTAINER_APPS_API),
        look=_look(path, former),
        effect=SwitchDependent(former=former),
        leaves=_other_settings(cut, app),
    )


def _target_server(cut: CutOverContext) -> str:
    """Return the target's login server; before it exists, the one that it gets without a hash in it."""
    if cut.content is not None:
        return cut.content.login_server
    return f"{cut.request.target.name}.{cut.source.login_server.partition('.')[2]}"


def _refused(kind: SwitchedKind, path: str, reason: str) -> CutOverAction:
    """Return an action that is not done, with the reason."""
    name, look = ResourceId(path).name, ArmCall(method="GET", path=path, api_version=CONTAINER_APPS_API)
    return CutOverAction(
        id=f"{path.lower()}/switch",
        kind=kind,
        about=(path,),
        subject=name,
        what=f"leave {name} to people",
        call=look,
        look=DoneWhen(call=look),
        effect=SwitchDependent(),
        refused=reason,
    )


def _look(path: str, former: SwitchedDependent) -> DoneWhen:
    """Return the test that the app runs the target's images and has its entry."""
    template: Json = {}
    for one in former.images:
        name = "initContainers" if one.init else "containers"
        template.setdefault(name, []).append({"name": one.container, "image": former.after(one)})
    registries = {"configuration": {"registries": [{"server": former.target_server}]}} if former.entry else {}
    return DoneWhen(
        call=ArmCall(method="GET", path=path, api_version=CONTAINER_APPS_API),
        expected={"properties": {"template": template} | registries},
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


def _other_settings(cut: CutOverContext, app: Json) -> str:
    """Return the command that shows the app, if other settings of it name the source, too; otherwise empty."""
    named = names_of(cut.source)
    others = (path for path, text in texts_in(properties(app)) if named.search(text) and not path.endswith(_SWITCHED))
    found = sorted(set(others))
    return f"{az('resource show', ids=app['id'])}  # its {', '.join(found)} names the source, too" if found else ""
