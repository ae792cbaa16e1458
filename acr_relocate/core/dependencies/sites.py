"""App Service and Function apps, and the deployment slots beside them: one container, several, or a compose file."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterator
from typing import Final, NamedTuple

from acr_relocate.core.dependencies.context import MapContext, az, entry_of
from acr_relocate.core.dependencies.model import Dependency
from acr_relocate.core.dependencies.raw_surroundings import Json, properties, readable_items

_COMPOSE: Final = "compose"
# Filled in by the shell: Azure does not return passwords.
_USER, _PASSWORD = '"${REGISTRY_USER:?}"', '"${REGISTRY_PASSWORD:?}"'
_ASK_FIRST: Final = (
    "# First, by itself (typed, not shown, not in the history): read -r REGISTRY_USER; read -rs REGISTRY_PASSWORD"
)


class SiteImages(NamedTuple):
    """What a site runs: `kind` as its configuration spells it, images by the name of their container."""

    kind: str
    images: dict[str, str]


def site_dependencies(scene: MapContext) -> Iterator[Dependency]:
    """Yield the apps and slots that run an image of the registry, in whatever form."""
    prefix = f"{scene.registry.login_server.lower()}/"
    for site in readable_items(scene.around.sites):
        runs = _images_of(site)
        paths = {name: image[len(prefix) :] for name, image in runs.images.items() if image.lower().startswith(prefix)}
        if paths:
            yield _site(scene, site, SiteImages(runs.kind, paths))


def _images_of(site: Json) -> SiteImages:
    """Return the images of a site: of its one container, of its compose file, and of its sidecars."""
    config = properties(site).get("siteConfig") or {}
    told = str(config.get("linuxFxVersion") or config.get("windowsFxVersion") or "")
    kind, _, value = told.partition("|")
    sidecars = {
        str(one.get("name")): str(properties(one).get("image") or "") for one in site.get("sitecontainers") or ()
    }
    if kind.lower() == _COMPOSE:
        found = re.findall(r"^\s*[\"']?image[\"']?\s*:\s*[\"']?([^\s\"'#]+)", _decoded(value), re.MULTILINE)
        return SiteImages(_COMPOSE, {image: image for image in found} | sidecars)
    return SiteImages(kind.lower(), ({"": value} if value and kind.lower() == "docker" else {}) | sidecars)


def _decoded(text: str) -> str:
    try:
        return base64.b64decode(text, validate=True).decode()
    except (binascii.Error, UnicodeDecodeError):
        return text


def _site(scene: MapContext, site: Json, runs: SiteImages) -> Dependency:
    is_function = "functionapp" in str(site.get("kind") or "").lower()
    config = properties(site).get("siteConfig") or {}
    own_identity = bool(config.get("acrUseManagedIdentityCreds"))
    pulls = "its managed identity" if own_identity else "a user name and password"
    command = _function_command if is_function else _app_command
    return entry_of(
        "function_app" if is_function else "web_app",
        site,
        f"runs {', '.join(runs.images.values())} and pulls with {pulls}",
        "Resource Manager",
        "re-wired",
        "manual: set its image" if len(runs.images) == 1 else "manual: set its images",
        "\n".join([*([] if own_identity else [_ASK_FIRST]), *command(scene, site, runs, own_identity=own_identity)]),
    )


def _function_command(scene: MapContext, site: Json, runs: SiteImages, *, own_identity: bool) -> Iterator[str]:
    """Yield the command for each image. A function app runs one."""
    for path in runs.images.values():
        line = az("functionapp config container set", **_where(scene, site), image=f"{scene.login_server}/{path}")
        login = f" --registry-username {_USER} --registry-password {_PASSWORD}"
        yield line if own_identity else line + login


def _app_command(scene: MapContext, site: Json, runs: SiteImages, *, own_identity: bool) -> Iterator[str]:
    """Yield the commands: one for the compose file, or one for each container."""
    where, login = _where(scene, site), ""
    if not own_identity:
        login = f" --container-registry-user {_USER} --container-registry-password {_PASSWORD}"
    if runs.kind == _COMPOSE:
        file = f"{'-'.join(site['id'].split('/')[8::2])}-compose.yaml"
        show = az("webapp config show", **where, query="linuxFxVersion", output="tsv")
        yield f"{show} | cut -d'|' -f2 | base64 --decode > {file}"
        yield f"# in {file}: the target's login server"
        kind = {"multicontainer_config_type": _COMPOSE, "multicontainer_config_file": file}
        yield az("webapp config container set", **where, **kind) + login
        return
    for name, path in runs.images.items():
        image = f"{scene.login_server}/{path}"
        if name:
            yield az("webapp sitecontainers update", **where, container_name=name, image=image)
        else:
            yield az("webapp config container set", **where, container_image_name=image) + login


def _where(scene: MapContext, site: Json) -> dict[str, str]:
    """Return the options that tell az which app is meant, and which slot of it."""
    app, _, slot = str(site["id"]).partition("/slots/")
    return scene.where(app) | ({"slot": slot} if slot else {})
