"""/acr/v1: what only ACR has: listings with dates and digests, untagged manifests included, and lock attributes."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from aiohttp import web

from local_azure.registry.admission import AdmittedRequest, enter
from local_azure.registry.manifests_api import found, remove_manifest, remove_tag
from local_azure.state.content import Entry, Repository, Tag
from local_azure.state.errors import RegistryError
from local_azure.state.manifests import IMAGE_CONFIGS
from local_azure.state.responses import answer
from local_azure.wire.paging import behind, cut
from local_azure.wire.routing import Call, Routes

ROUTES = Routes()


@ROUTES.route("GET", "/acr/v1/{name:path}/_tags")
async def list_tags(call: Call) -> web.StreamResponse:
    """List the tags of a repository; by name, or by time with `orderby`; of one manifest with `digest`."""
    visit = _reading(call)
    repository = visit.repository(call.params["name"])
    names, wanted = _ordered(call, repository.tags, repository.tag_names.after), call.query.get("digest")
    visible = (
        name
        for name in names
        if repository.tags[name].attributes.list and wanted in (None, "", repository.tags[name].digest)
    )
    page, link = cut(call, visible, "tags")
    tags = [_tag(name, repository.tags[name]) for name in page]
    return answer(_named(visit, repository) | {"tags": tags}, headers=link)


@ROUTES.route("GET", "/acr/v1/{name:path}/_manifests")
async def list_manifests(call: Call) -> web.StreamResponse:
    """List the manifests of a repository, tagged or not; by digest, or by time with `orderby`."""
    visit = _reading(call)
    repository = visit.repository(call.params["name"])
    digests = _ordered(call, repository.manifests, repository.digests.after)
    visible = (digest for digest in digests if repository.manifests[digest].attributes.list)
    page, link = cut(call, visible, "manifests")
    manifests = [_manifest(repository, repository.manifests[digest]) for digest in page]
    return answer(_named(visit, repository) | {"manifests": manifests}, headers=link)


@ROUTES.route("GET", "/acr/v1/{name:path}")
async def show_repository(call: Call) -> web.StreamResponse:
    """Answer with counts, dates and locks of a repository."""
    visit = _reading(call)
    repository = visit.repository(call.params["name"])
    counts = {"manifestCount": len(repository.manifests), "tagCount": len(repository.tags)}
    shown = _named(visit, repository) | _dates(repository.created, repository.updated) | counts
    return answer(shown | {"changeableAttributes": repository.attributes.as_json() | {"teleportEnabled": False}})


@ROUTES.route("PATCH", "/acr/v1/{name:path}")
async def lock_repository(call: Call) -> web.StreamResponse:
    """Set the attributes in the body on the repository."""
    visit = _writing(call)
    repository = visit.repository(call.params["name"])
    repository.attributes = repository.attributes.changed(await _patch(call))
    return await show_repository(call)


@ROUTES.route("DELETE", "/acr/v1/{name:path}")
async def delete_repository(call: Call) -> web.StreamResponse:
    """Delete the repository with everything in it, unless anything in it is locked."""
    name = call.params["name"]
    visit = enter(call, f"repository:{name}:delete", "delete")
    repository = visit.repository(name)
    deleted = {"manifestsDeleted": list(repository.manifests), "tagsDeleted": list(repository.tags)}
    for digest in deleted["manifestsDeleted"]:
        if entry := repository.manifests.get(digest):
            remove_manifest(visit, repository, entry)
    return answer(deleted, 202)


@ROUTES.route("GET", "/acr/v1/{name:path}/_tags/{tag}")
async def show_tag(call: Call) -> web.StreamResponse:
    """Answer with digest, dates and locks of a tag."""
    visit = _reading(call)
    repository = visit.repository(call.params["name"])
    return answer(_named(visit, repository) | {"tag": _tag(call.params["tag"], _found_tag(call, repository))})


@ROUTES.route("PATCH", "/acr/v1/{name:path}/_tags/{tag}")
async def lock_tag(call: Call) -> web.StreamResponse:
    """Set the attributes in the body on the tag."""
    visit = _writing(call)
    tag = _found_tag(call, visit.repository(call.params["name"]))
    tag.attributes = tag.attributes.changed(await _patch(call))
    return await show_tag(call)


@ROUTES.route("DELETE", "/acr/v1/{name:path}/_tags/{tag}")
async def delete_tag(call: Call) -> web.StreamResponse:
    """Delete the tag; its manifest stays."""
    name = call.params["name"]
    visit = enter(call, f"repository:{name}:delete", "delete")
    repository = visit.repository(name)
    _found_tag(call, repository)
    remove_tag(repository, call.params["tag"])
    return web.Response(status=202)


@ROUTES.route("GET", "/acr/v1/{name:path}/_manifests/{digest}")
async def show_manifest(call: Call) -> web.StreamResponse:
    """Answer with size, platform, tags and locks of a manifest."""
    visit = _reading(call)
    repository = visit.repository(call.params["name"])
    return answer(
        _named(visit, repository) | {"manifest": _manifest(repository, found(repository, call.params["digest"]))}
    )


@ROUTES.route("PATCH", "/acr/v1/{name:path}/_manifests/{digest}")
async def lock_manifest(call: Call) -> web.StreamResponse:
    """Set the attributes in the body on the manifest."""
    visit = _writing(call)
    entry = found(visit.repository(call.params["name"]), call.params["digest"])
    entry.attributes = entry.attributes.changed(await _patch(call))
    return await show_manifest(call)


@ROUTES.route("DELETE", "/acr/v1/{name:path}/_manifests/{digest}")
async def delete_manifest(call: Call) -> web.StreamResponse:
    """Delete the manifest with its tags."""
    name = call.params["name"]
    visit = enter(call, f"repository:{name}:delete", "delete")
    repository = visit.repository(name)
    remove_manifest(visit, repository, found(repository, call.params["digest"]))
    return web.Response(status=202)


def _reading(call: Call) -> AdmittedRequest:
    return enter(call, f"repository:{call.params['name']}:metadata_read")


def _writing(call: Call) -> AdmittedRequest:
    return enter(call, f"repository:{call.params['name']}:metadata_read,metadata_write", "write")


async def _patch(call: Call) -> dict[str, Any]:
    try:
        patch = json.loads(await call.request.text() or "{}")
    except ValueError as error:
        raise RegistryError(400, "INVALID_REQUEST", f"the body is not JSON: {error}") from error
    return patch if isinstance(patch, dict) else {}


def _ordered(call: Call, items: dict[str, Any], by_name: Any) -> Iterator[str]:
    order, last = call.query.get("orderby", ""), call.query.get("last", "")
    if order not in ("timeasc", "timedesc"):
        names: Iterator[str] = by_name(last)
        return names
    ranked = sorted(items, key=lambda name: (items[name].updated, name), reverse=order == "timedesc")
    return behind(ranked, last)


def _named(visit: AdmittedRequest, repository: Repository) -> dict[str, Any]:
    return {"registry": visit.registry.properties["loginServer"], "imageName": repository.name}


def _dates(created: float, updated: float) -> dict[str, str]:
    return {"createdTime": _iso(created), "lastUpdateTime": _iso(updated)}


def _iso(at: float) -> str:
    return f"{datetime.fromtimestamp(at, UTC):%Y-%m-%dT%H:%M:%S.%f}0Z"


def _found_tag(call: Call, repository: Repository) -> Tag:
    tag = repository.tags.get(call.params["tag"])
    if tag is None:
        raise RegistryError(404, "TAG_UNKNOWN", "the specified tag does not exist", {"tag": call.params["tag"]})
    return tag


def _tag(name: str, tag: Tag) -> dict[str, Any]:
    return {
        "name": name,
        "digest": tag.digest,
        **_dates(tag.created, tag.updated),
        "signed": False,
        "changeableAttributes": tag.attributes.as_json(),
    }


def _manifest(repository: Repository, entry: Entry) -> dict[str, Any]:
    manifest, document = entry.manifest, entry.manifest.document()
    shown: dict[str, Any] = {
        "digest": manifest.digest,
        "imageSize": manifest.image_size(),
        **_dates(entry.created, entry.updated),
        "mediaType": manifest.media_type,
        "changeableAttributes": entry.attributes.as_json(),
    }
    if entry.tags:
        shown["tags"] = list(entry.tags)
    if config := document.get("config"):
        shown["configMediaType"] = config["mediaType"]
        shown |= _platform(repository, config)
    if artifact := document.get("artifactType"):
        shown["artifactType"] = artifact
    return shown


def _platform(repository: Repository, config: dict[str, Any]) -> dict[str, str]:
    """Return `architecture` and `os` from an image's config; empty for others, or a damaged one."""
    if config["mediaType"] not in IMAGE_CONFIGS or config["digest"] not in repository.blobs:
        return {}
    try:
        known = json.loads(repository.blobs[config["digest"]])
    except ValueError:
        return {}
    return {name: known[name] for name in ("architecture", "os") if known.get(name)}
