"""App Service and Function apps, and their deployment slots: what a switch changes, and their health.

A site is as Azure shows it, with `properties.siteConfig` from its configuration, `sitecontainers` and, where they may
be read, `appsettings`. Of the settings only the address of the registry is looked at; all are written as they were
read, because Azure replaces the whole list.

Source: Web Apps - Update Configuration, Update Application Settings, Create Or Update Site Container, List Instance
Identifiers and Swap Slot (2024-04-01); app-service/configure-custom-container and deploy-staging-slots.
"""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, Final

from acr_relocate.core.dependencies.raw_surroundings import properties
from acr_relocate.core.dependencies.sites import COMPOSE, COMPOSE_IMAGE, FxVersion, decoded, fx_version
from acr_relocate.core.request.dependents_to_switch import SwitchedKind
from acr_relocate.core.switching.facts import DependentHealth, SwitchedDependent, comes_from
from acr_relocate.core.switching.former_values import FormerImage
from acr_relocate.core.switching.writes import SwitchWrite

Json = dict[str, Any]
SITES_API: Final = "2024-04-01"
SERVER_SETTING: Final = "DOCKER_REGISTRY_SERVER_URL"
_COMPUTED: Final = frozenset({"createdTime", "lastModifiedTime"})
_COMPOSE_PART: Final = "compose."


def why_site_not_switched(site: Json, source_server: str) -> str:
    """Return why the site is left to people, or an empty string."""
    images = source_site_images(site, source_server)
    sidecars = {str(one.get("name")): properties(one) for one in site.get("sitecontainers") or ()}
    config = properties(site).get("siteConfig") or {}
    uses_identity = bool(config.get("acrUseManagedIdentityCreds"))
    if any(name not in sidecars for name in images) and not uses_identity:
        return (
            "it pulls with a user name and a password, which this service never reads. Let it pull with a managed "
            "identity (acrUseManagedIdentityCreds), or give it the target's password"
        )
    for name in images:
        if str((sidecars.get(name) or {}).get("authType") or "").lower() == "usercredentials":
            return f"its container {name} pulls with a user name and a password, which this service never reads"
    fx = fx_version(site)
    if fx.kind.lower() == COMPOSE and _encoded(decoded(fx.value)) != fx.value:
        return "its compose file is encoded in a way that could not be restored to the byte"
    return ""


def names_source_in_site(site: Json, source_server: str) -> bool:
    """Return whether an image of the site, or its registry setting, is the source's."""
    return bool(source_site_images(site, source_server) or _source_url(site, source_server))


def source_site_images(site: Json, source_server: str) -> dict[str, str]:
    """Return the images that come from the source, by the container or the field that has each."""
    return {name: image for name, image in _site_images(site).items() if comes_from(image, source_server)}


def facts_of_site(
    kind: SwitchedKind,
    site: Json,
    *,
    registry_id: str,
    source_server: str,
    target_server: str,
    slot: str = "",
) -> SwitchedDependent:
    """Return the former value of the site, which names the source."""
    return SwitchedDependent(
        registry_id=registry_id.lower(),
        kind=kind,
        dependent_id=str(site["id"]),
        source_server=source_server,
        target_server=target_server,
        images=tuple(
            FormerImage(container=name, image=image) for name, image in source_site_images(site, source_server).items()
        ),
        server_url=_source_url(site, source_server),
        slot=slot,
    )


def site_to_target(site: Json, facts: SwitchedDependent) -> tuple[SwitchWrite, ...]:
    """Return the writes that let the site run the target's images; none if it does."""
    return tuple(_writes(site, facts, facts.after, facts.url_after))


def site_to_source(site: Json, facts: SwitchedDependent) -> tuple[SwitchWrite, ...]:
    """Return the writes that restore the former value; none if the site has it."""
    return tuple(_writes(site, facts, lambda one: one.image, facts.server_url))


def site_changed_since(site: Json, facts: SwitchedDependent) -> str:
    """Return what somebody else has changed of that which the switch changes, or an empty string."""
    running = _site_images(site)
    for one in facts.images:
        now = running.get(one.container)
        if now is None:
            return f"it has no container {one.container} any more"
        if now not in {one.image, facts.after(one)}:
            return f"{one.container} runs {now}"
    url = _settings(site).get(SERVER_SETTING)
    if facts.server_url and "appsettings" in site and url not in {facts.server_url, facts.url_after}:
        return f"its setting {SERVER_SETTING} has another value"
    return ""


def runs_images_of(site: Json, facts: SwitchedDependent, server: str) -> bool:
    """Return whether every switched image of the site comes from this server now."""
    running = _site_images(site)
    return all(comes_from(running.get(one.container, ""), server) for one in facts.images)


def why_not_swapped(site: Json, slot: Json, *servers: str) -> str:
    """Return why the slot cannot be swapped in: a swap must bring no other image than of these servers; else empty."""
    if _paths(slot, servers) != _paths(site, servers):
        return "it runs other images than its slot"
    if (_settings(site).get(SERVER_SETTING) or "") != (_settings(slot).get(SERVER_SETTING) or ""):
        return f"it and its slot have different values of {SERVER_SETTING}"
    return ""


def containers_of(instances: Iterable[Json]) -> frozenset[str]:
    """Return the ids of the containers that run on the instances, as far as the platform shows them."""
    shown = (properties(one).get("containers") or {} for one in instances)
    return frozenset(str(one.get("id")) for each in shown for one in each.values() if one.get("id"))


def site_health(
    site: Json, instances: Iterable[Json], facts: SwitchedDependent, server: str, before: frozenset[str]
) -> DependentHealth:
    """Return the health of the site, which has to run the images of this server, in new containers.

    Args:
        site: The site as it is.
        instances: The running instances.
        facts: The former value and the new one.
        server: The login server that its images have to come from.
        before: The ids of the containers before the change, which may serve until the new ones do.

    """
    own, instances = properties(site), tuple(instances)
    states = sorted({str(properties(one).get("state") or "UNKNOWN").upper() for one in instances})
    available = str(own.get("availabilityState") or "Normal")
    words = f"it is {own.get('state') or 'unknown'}, {available}; its instances are {', '.join(states) or 'not shown'}"
    running = str(own.get("state") or "").lower() == "running" and available.lower() == "normal"
    is_new = not (before & containers_of(instances))
    wanted = runs_images_of(site, facts, server)
    ready = running and states == ["READY"] and is_new and wanted
    return DependentHealth("ready" if ready else "waiting", words)


def _site_images(site: Json) -> dict[str, str]:
    """Return the images by container; that of the site's own setting by the name of its field."""
    fx = fx_version(site)
    images: dict[str, str] = {}
    if fx.kind.lower() == COMPOSE:
        found = COMPOSE_IMAGE.findall(decoded(fx.value))
        images = {f"{_COMPOSE_PART}{number}": image for number, image in enumerate(found, 1)}
    elif fx.kind.lower() == "docker":
        images = {fx.field: fx.value}
    for one in site.get("sitecontainers") or ():
        images[str(one.get("name"))] = str(properties(one).get("image") or "")
    return images


def _paths(site: Json, servers: Iterable[str]) -> dict[str, str]:
    """Return the images by container, without the registry where that is one of these."""
    found = _site_images(site)
    ours = {name for name, image in found.items() if any(comes_from(image, one) for one in servers)}
    return {name: image.partition("/")[2] if name in ours else image for name, image in found.items()}


def _settings(site: Json) -> Mapping[str, Any]:
    return site.get("appsettings") or {}


def _source_url(site: Json, source_server: str) -> str:
    """Return the registry's address in the settings, if it is the source's."""
    url = str(_settings(site).get(SERVER_SETTING) or "")
    host = url.rpartition("://")[2].partition("/")[0]
    return url if host.lower() == source_server.lower() else ""


def _writes(
    site: Json, facts: SwitchedDependent, image_of: Callable[[FormerImage], str], url: str
) -> Iterator[SwitchWrite]:
    """Yield the setting first, which is of no effect without the images."""
    path, wanted = str(site["id"]), {one.container: image_of(one) for one in facts.images}
    if facts.server_url and "appsettings" in site and _settings(site).get(SERVER_SETTING) != url:
        body = {"properties": {**_settings(site), SERVER_SETTING: url}}
        yield SwitchWrite("PUT", f"{path}/config/appsettings", SITES_API, body)
    fx = fx_version(site)
    value = _with_images(fx, wanted)
    if value != fx.value:
        body = {"properties": {fx.field: f"{fx.kind}|{value}"}}
        yield SwitchWrite("PATCH", f"{path}/config/web", SITES_API, body)
    for one in site.get("sitecontainers") or ():
        name, own = str(one.get("name")), properties(one)
        if (image := wanted.get(name)) and own.get("image") != image:
            kept = {field: value for field, value in own.items() if field not in _COMPUTED}
            body = {"properties": kept | {"image": image}}
            yield SwitchWrite("PUT", f"{path}/sitecontainers/{name}", SITES_API, body)


def _with_images(fx: FxVersion, wanted: Mapping[str, str]) -> str:
    """Return the setting's value with these images; of a compose file nothing but them is changed."""
    if fx.kind.lower() != COMPOSE:
        return wanted.get(fx.field, fx.value)
    text, written, place = decoded(fx.value), "", 0
    for number, found in enumerate(COMPOSE_IMAGE.finditer(text), 1):
        image = wanted.get(f"{_COMPOSE_PART}{number}", found[1])
        written, place = written + text[place : found.start(1)] + image, found.end(1)
    changed = written + text[place:]
    return fx.value if changed == text else _encoded(changed)


def _encoded(text: str) -> str:
    return base64.b64encode(text.encode()).decode()
