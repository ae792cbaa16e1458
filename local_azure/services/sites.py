"""App Service and Function apps and their slots: configuration, settings, sidecars, instances, and swaps.

A change of its image restarts a site: a new container on its one instance, if its identity can pull each image.

Source: Web Apps - Get (siteConfig is null but for a few fields), Get and Update Configuration, List and Update
Application Settings, Create Or Update Site Container, List Instance Identifiers (WebSiteInstanceStatus), Swap Slot
With Production (2024-04-01); app-service/deploy-staging-slots, "What happens during a swap".
"""

import base64
import re
import uuid
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, Final

from aiohttp import web

from local_azure.arm.resource_types import Body, ResourceType
from local_azure.services.pulling import IMAGE, is_registry_of_azure, pull_refusal
from local_azure.state.directory import Principal
from local_azure.state.errors import AzureError
from local_azure.state.operations import Form
from local_azure.state.responses import answer
from local_azure.state.store import Resource
from local_azure.wire.routing import Call

if TYPE_CHECKING:
    from local_azure.state.world import World

SITE: Final = "Microsoft.Web/sites"
SLOT: Final = f"{SITE}/slots"
_SETTINGS: Final = ("appsettings", "slotConfigNames")
_STAYS: Final = ("acrUseManagedIdentityCreds", "acrUserManagedIdentityID", "alwaysOn")
"""Of a configuration, the settings that a swap leaves where they are: among others those of managed identities."""
_IMAGE: Final = re.compile(r"^\s*image\s*:\s*[\"']?([^\s\"'#]+)", re.MULTILINE)


def show_site(resource: Resource, api_version: str, world: "World") -> Body:
    """Return the site without its configuration: a resource of its own, shown neither by GET nor Resource Graph."""
    del api_version, world
    named = {"name": f"{resource.parent.rpartition('/')[2]}/{resource.name}"} if resource.type == SLOT else {}
    return resource.view() | named | {"properties": resource.properties | {"siteConfig": None}}


def configure_site(world: "World", site: Resource) -> None:
    """Create the site's `config/web`, its settings, the names of its slot settings, and its instance."""
    for name in _SETTINGS:
        if world.resources.get(f"{site.id}/config/{name}") is None:
            world.add(f"{site.id}/config/{name}", {"location": site.location, "properties": {}})
    config = site.properties.pop("siteConfig", None)
    if config is not None or world.resources.get(f"{site.id}/config/web") is None:
        world.add(f"{site.id}/config/web", {"location": site.location, "properties": config or {}})
    _start_again(world, site)


def keep_as_sent(
    world: "World", principal: Principal, resource_id: str, body: Body, existing: Resource | None
) -> Resource:
    """Keep a configuration, settings or a sidecar exactly: a service without provisioning states."""
    del world, principal
    kept = {name: value for name, value in body.items() if name not in ("id", "name", "type")}
    kept.setdefault("properties", {})
    return Resource(resource_id, kept, existing.hidden if existing else {})


async def restart(world: "World", changed: Resource) -> None:
    """Restart the site after a change of its configuration, its settings or its sidecars."""
    site = world.resources.get(changed.parent)
    if site is not None:
        _start_again(world, site)


async def list_settings(call: Call, settings: Resource) -> web.Response:
    """List the site's settings, which GET does not show (Web Apps - List Application Settings)."""
    del call
    return answer(settings.view())


def show_instance(resource: Resource, api_version: str, world: "World") -> Body:
    """Return the instance. A new container pulls when it is first looked at; if it cannot start, nothing runs."""
    del api_version
    if resource.hidden.pop("starting", False):
        site = world.resources.get(resource.parent)
        assert site is not None  # noqa: S101 - an instance lives in its site
        fails = world.faults.take("site-fails", site=site.id) or any(_refusals(world, site))
        resource.properties.update({"state": "STOPPED" if fails else "READY"})
        resource.properties["containers"] = {} if fails else _containers(site)
    shown = dict(resource.properties)
    if world.settings.switches.site_containers == "hidden":
        del shown["containers"]
    return resource.view() | {"properties": shown}


async def swap(call: Call, site: Resource) -> web.Response:
    """Swap the site with a slot: content and settings change places, but for what sticks to its slot."""
    wanted = str((await call.json()).get("targetSlot") or "")
    slot = call.world.resources.get(f"{site.id}/slots/{wanted}")
    if slot is None:
        raise AzureError(404, "NotFound", f"Cannot find a slot with the name {wanted}.")

    async def work() -> None:
        _exchange(call.world, site, slot)

    form = Form(f"{site.id}/operationResults", shows="nothing")
    return await call.world.operations.start(call, work, form, seconds=40)


def _exchange(world: "World", site: Resource, slot: Resource) -> None:
    names = _config(world, site, "slotConfigNames").get("appSettingNames") or ()
    for name, sticky in (("web", _STAYS), ("appsettings", tuple(names))):
        here, there = (world.resources.require(f"{one.id}/config/{name}") for one in (site, slot))
        ours, theirs = here.properties, there.properties
        here.body["properties"] = _without(theirs, sticky) | _only(ours, sticky)
        there.body["properties"] = _without(ours, sticky) | _only(theirs, sticky)
    for one in ("sitecontainers", "instances"):
        beside = [world.resources.children(each.id, f"{each.type}/{one}") for each in (site, slot)]
        for children, new in zip(beside, (slot, site), strict=True):
            for child in children:
                world.resources.delete(child.id)
                child.id = f"{new.id}/{one}/{child.name}"
        for child in (*beside[0], *beside[1]):
            world.resources.put(Resource(child.id, child.body, child.hidden))


def _only(settings: Body, names: tuple[str, ...]) -> Body:
    return {name: value for name, value in settings.items() if name in names}


def _without(settings: Body, names: tuple[str, ...]) -> Body:
    return {name: value for name, value in settings.items() if name not in names}


def _config(world: "World", site: Resource, name: str) -> Body:
    found = world.resources.get(f"{site.id}/config/{name}")
    return found.properties if found else {}


def _start_again(world: "World", site: Resource) -> None:
    """Let the site's instance start a new container; a fault leaves it with the former one, which goes on serving."""
    found = world.resources.children(site.id, f"{site.type}/instances")
    if not found:
        found = [world.add(f"{site.id}/instances/{uuid.uuid4().hex}", {"properties": {"state": "UNKNOWN"}})]
    if not world.faults.take("site-hangs", site=site.id):
        found[0].hidden["starting"] = True


def _containers(site: Resource) -> Body:
    number = uuid.uuid4().hex
    return {f"{site.name}_0_{number[:8]}": {"name": f"{site.name}_0_{number[:8]}", "id": number * 2}}


def _refusals(world: "World", site: Resource) -> Iterator[str]:
    """Yield why an image cannot be pulled. With a user name and a password it is taken to be possible."""
    config = _config(world, site, "web")
    sidecars = world.resources.children(site.id, f"{site.type}/sitecontainers")
    for image in _images(config) if config.get("acrUseManagedIdentityCreds") else ():
        yield _refusal(world, site, image, str(config.get("acrUserManagedIdentityID") or ""))
    for one in sidecars:
        if one.properties.get("authType") in ("SystemIdentity", "UserAssigned"):
            own = str(one.properties.get("userManagedIdentityClientId") or "")
            yield _refusal(world, site, str(one.properties.get("image") or ""), own)


def _images(config: Body) -> list[str]:
    kind, _, value = str(config.get("linuxFxVersion") or config.get("windowsFxVersion") or "").partition("|")
    if kind.lower() == "compose":
        return _IMAGE.findall(base64.b64decode(value).decode())
    return [value] if kind.lower() == "docker" else []


def _refusal(world: "World", site: Resource, image: str, user_identity: str) -> str:
    found = IMAGE.fullmatch(image)
    if found is None or not is_registry_of_azure(found[1]):
        return ""
    identity = world.resources.get(user_identity) if user_identity.startswith("/") else None
    own: Any = (identity.properties if identity else {}).get("principalId") or user_identity
    principal = world.directory.find(str(own or site.hidden.get("principalId") or ""))
    return pull_refusal(world, principal, found[1], found[2], found[4] or found[3] or "latest")


PARTS: Final = tuple(
    kind
    for one in (SITE, SLOT)
    for kind in (
        ResourceType(f"{one}/config", prepare=keep_as_sent, after_put=restart, actions={"list": list_settings}),
        ResourceType(f"{one}/sitecontainers", prepare=keep_as_sent, after_put=restart),
        ResourceType(f"{one}/instances", view=show_instance),
    )
)
