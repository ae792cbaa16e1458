"""App Service and Function apps and their slots to switch; an app through a slot, if the request names one."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Final

from acr_relocate.core.cut_over.arm_calls import ArmCall, DoneWhen, Json
from acr_relocate.core.cut_over.context import CutOverContext
from acr_relocate.core.cut_over.switch_action import SwitchCandidate, is_selected, other_settings, target_server
from acr_relocate.core.dependencies.raw_surroundings import readable_items
from acr_relocate.core.dependencies.sites import is_function
from acr_relocate.core.request.dependents_to_switch import SwitchedKind
from acr_relocate.core.switching import SwitchedDependent
from acr_relocate.core.switching.sites import (
    SERVER_SETTING,
    SITES_API,
    facts_of_site,
    site_to_target,
    source_site_images,
    why_not_swapped,
    why_site_not_switched,
)

_IMAGE_FIELDS: Final = ("linuxFxVersion", "windowsFxVersion", "image")
_SWITCHED: Final = ("siteConfig.linuxFxVersion", "siteConfig.windowsFxVersion")


def site_switches(cut: CutOverContext) -> Iterator[SwitchCandidate]:
    """Yield the selected sites and slots that run an image of the source; a slot that is swapped goes with its app."""
    source, sites = cut.source.login_server, readable_items(cut.scene.around.sites)
    running = [one for one in sites if source_site_images(one, source)]
    by_id = {str(one["id"]).lower(): one for one in running}
    apps = {str(slot["id"]).lower(): app for app in running if (slot := _slot_to_swap(cut, app, by_id))}
    swapped = {str(app["id"]).lower() for app in apps.values()}
    for site in running:
        own_id, kind = str(site["id"]).lower(), _kind(site)
        if own_id not in apps and is_selected(cut, kind, site):
            yield _candidate(cut, kind, site, cut.request.switch.swap_slot if own_id in swapped else "")


def _kind(site: Json) -> SwitchedKind:
    return "function_app" if is_function(site) else "web_app"


def _slot_to_swap(cut: CutOverContext, site: Json, by_id: dict[str, Json]) -> Json | None:
    """Return the slot that the site is swapped with: the one that the request names, if it runs the same images."""
    wanted = cut.request.switch.swap_slot
    slot = by_id.get(f"{site['id']}/slots/{wanted}".lower()) if wanted else None
    source = cut.source.login_server
    if slot is None or why_site_not_switched(site, source) or why_site_not_switched(slot, source):
        return None
    if not is_selected(cut, _kind(site), site):
        return None
    return None if why_not_swapped(site, slot, source, target_server(cut)) else slot


def _candidate(cut: CutOverContext, kind: SwitchedKind, site: Json, slot: str) -> SwitchCandidate:
    path, source = str(site["id"]), cut.source.login_server
    return SwitchCandidate(
        kind=kind,
        path=path,
        call=ArmCall(method="PATCH", path=f"{path}/config/web", api_version=SITES_API),
        facts=partial(
            facts_of_site,
            kind,
            site,
            registry_id=cut.source.id,
            source_server=source,
            target_server=target_server(cut),
            slot=slot,
        ),
        look=partial(_look, site),
        refused=why_site_not_switched(site, source),
        leaves=other_settings(cut, site, _SWITCHED),
        also=f"; its setting {SERVER_SETTING}, if that names {source}",
    )


def _look(site: Json, former: SwitchedDependent) -> DoneWhen:
    """Return the test that the first write is done: it sets an image, in the site's configuration or of a sidecar."""
    write = site_to_target(site, former)[0]
    image = {name: value for name, value in write.body["properties"].items() if name in _IMAGE_FIELDS}
    call = ArmCall(method="GET", path=write.path, api_version=SITES_API)
    return DoneWhen(call=call, expected={"properties": image})
