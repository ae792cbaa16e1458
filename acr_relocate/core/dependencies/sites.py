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

COMPOSE: Final = "compose"
COMPOSE_IMAGE: Final = re.compile(r"^\s*[\"']?image[\"']?\s*:\s*[\"']?([^\s\"'#]+)", re.MULTILINE)
_FIELDS: Final = ("linuxFxVersion", "windowsFxVersion")
# Filled in by the shell: Azure does not return passwords.
_USER, _PASSWORD = '"${REGISTRY_USER:?}"', '"${REGISTRY_PASSWORD:?}"'
_ASK_FIRST: Final = (
    "# First, on its own (typed, not shown, not in the history): read -r REGISTRY_USER; read -rs REGISTRY_PASSWORD"
)


class FxVersion(NamedTuple):
    """The container setting of a site, `KIND|VALUE`: the name of its field, and both parts as they are written."""

    field: str
    kind: str
    value: str


class SiteImages(NamedTuple):
    """The images that a site runs: `kind` as its configuration spells it, images by the name of their container."""

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


def fx_version(site: Json) -> FxVersion:
    """Return what a site runs, as its configuration says it; all empty without a container."""
    config = properties(site).get("siteConfig") or {}
    field = next((name for name in _FIELDS if config.get(name)), "")
    kind, _, value = str(config.get(field) or "").partition("|")
    return FxVersion(field, kind, value)


def _images_of(site: Json) -> SiteImages:
    """Return the images of a site: of its one container, of its compose file, and of its sidecars."""
    fx = fx_version(site)
    kind = fx.kind.lower()
    sidecars = {
        str(one.get("name")): str(properties(one).get("image") or "") for one in site.get("sitecontainers") or ()
    }
    if kind == COMPOSE:
        return SiteImages(COMPOSE, {image: image for image in COMPOSE_IMAGE.findall(decoded(fx.value))} | sidecars)
    return SiteImages(kind, ({"": fx.value} if fx.value and kind == "docker" else {}) | sidecars)


def decoded(text: str) -> str:
    """Return a compose file, which Azure keeps in base64; or the text, if it is something else."""
    try:
        return base64.b64decode(text, validate=True).decode()
    except (binascii.Error, UnicodeDecodeError):
        return text


def is_function(site: Json) -> bool:
    """Return whether the site is a Function app."""
    return "functionapp" in str(site.get("kind") or "").lower()


def _site(scene: MapContext, site: Json, runs: SiteImages) -> Dependency:
    config = properties(site).get("siteConfig") or {}
    own_identity = bool(config.get("acrUseManagedIdentityCreds"))
    pulls = "its managed identity" if own_identity else "a user name and password"
    command = _function_command if is_function(site) else _app_command
    return entry_of(
        "function_app" if is_function(site) else "web_app",
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
    if runs.kind == COMPOSE:
        file = f"{'-'.join(site['id'].split('/')[8::2])}-compose.yaml"
        show = az("webapp config show", **where, query="linuxFxVersion", output="tsv")
        yield f"{show} | cut -d'|' -f2 | base64 --decode > {file}"
        yield f"# in {file}: the target's login server"
        kind = {"multicontainer_config_type": COMPOSE, "multicontainer_config_file": file}
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
