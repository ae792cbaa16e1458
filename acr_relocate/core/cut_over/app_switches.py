"""Container apps and their jobs to switch."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Final

from acr_relocate.core.cut_over.arm_calls import ArmCall, DoneWhen, Json
from acr_relocate.core.cut_over.context import CutOverContext
from acr_relocate.core.cut_over.switch_action import SwitchCandidate, is_selected, other_settings, target_server
from acr_relocate.core.dependencies.raw_surroundings import readable_items
from acr_relocate.core.request.dependents_to_switch import SwitchedKind
from acr_relocate.core.switching import SwitchedDependent
from acr_relocate.core.switching.container_apps import (
    CONTAINER_APPS_API,
    facts_of_app,
    names_source,
    why_not_switched,
)

_SWITCHED: Final = (".containers.image", ".initContainers.image", ".registries.server")
_KINDS: Final[dict[str, SwitchedKind]] = {
    "microsoft.app/containerapps": "container_app",
    "microsoft.app/jobs": "container_app_job",
}


def app_switches(cut: CutOverContext) -> Iterator[SwitchCandidate]:
    """Yield the selected apps and jobs that name the source."""
    for entry in readable_items(cut.scene.around.naming):
        kind = _KINDS.get(str(entry.get("type") or "").lower())
        if kind and names_source(entry, cut.source.login_server) and is_selected(cut, kind, entry):
            yield _candidate(cut, kind, entry)


def _candidate(cut: CutOverContext, kind: SwitchedKind, app: Json) -> SwitchCandidate:
    path, source = str(app["id"]), cut.source.login_server
    return SwitchCandidate(
        kind=kind,
        path=path,
        call=ArmCall(method="PATCH", path=path, api_version=CONTAINER_APPS_API),
        facts=partial(
            facts_of_app,
            kind,
            app,
            registry_id=cut.source.id,
            source_server=source,
            target_server=target_server(cut),
        ),
        look=_look,
        refused=why_not_switched(app, source),
        leaves=other_settings(cut, app, _SWITCHED),
    )


def _look(former: SwitchedDependent) -> DoneWhen:
    """Return the test that the app runs the target's images and has its entry."""
    template: Json = {}
    for one in former.images:
        name = "initContainers" if one.init else "containers"
        template.setdefault(name, []).append({"name": one.container, "image": former.after(one)})
    registries = {"configuration": {"registries": [{"server": former.target_server}]}} if former.entry else {}
    return DoneWhen(
        call=ArmCall(method="GET", path=former.dependent_id, api_version=CONTAINER_APPS_API),
        expected={"properties": {"template": template} | registries},
    )
