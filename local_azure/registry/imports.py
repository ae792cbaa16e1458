"""importImage: really copies an image, with the rules, the waiting and the failures of the real one."""

from dataclasses import dataclass
from typing import Any, Final

from aiohttp import web

from local_azure.arm.authorization import authorize_linked
from local_azure.arm.operation_forms import EMPTY_SINCE
from local_azure.registry.admission import (
    FIREWALL_HINT,
    content_of,
    find_by_login_server,
    grant,
    identify,
    lets_in,
    network_restricted,
    reads_nearby,
)
from local_azure.registry.defender import append_findings
from local_azure.registry.import_requests import ImportRequest, invalid, parse_request
from local_azure.state.content import UNLOCKED, Attributes, Entry, Repository
from local_azure.state.directory import REGISTRY_AUDIENCES, InvalidTokenError
from local_azure.state.errors import AzureError, conflict
from local_azure.state.operations import NO_BODY, Form
from local_azure.state.store import Resource
from local_azure.state.world import World
from local_azure.wire.random_failures import WAYS
from local_azure.wire.routing import Call

MAX_MANIFESTS: Final = 50
SERVICE_ADDRESS: Final = "20.50.2.10"  # what a source's firewall sees when ACR itself comes by the public endpoint


@dataclass(frozen=True)
class Import:
    """One import under way."""

    world: World
    target: Resource
    request: ImportRequest

    def failed(self, detail: str, code: str = "InvalidParameters", status: int = 400) -> AzureError:
        """Return the error of every failure after the request was accepted."""
        operation = f"registries-{self.world.guid()}"
        return AzureError(status, code, f"Operation {operation} failed. Resource {self.target.id} {detail}")


async def import_image(call: Call, target: Resource) -> web.Response:
    """Import the image, now or when the operation ends."""
    job = Import(call.world, target, parse_request(await call.json()))
    source = _find_source(call, job)
    settings, faults = call.world.settings, call.world.faults
    facts = {"repository": job.request.repository, "image": job.request.image, "registry": target.name}
    if settings.switches.no_force_conflict == "sync":
        _sync_conflict(job)

    async def work() -> dict[str, Any]:
        _take_faults(job, source, facts)
        copy(job, source)
        return {"status": "Succeeded"}

    if settings.switches.import_accept == 200:
        await work()
        return web.Response(status=200)
    lacking, near = _lacking(job, source) if settings.realistic else 0, reads_nearby(call.world, target, source)
    seconds = call.world.imports.seconds(target.name.lower(), lacking, call.world.clock.now(), near=near)
    hold = faults.take("import-hangs", **facts) is not None
    form = Form(_results_path(target), prefix="registries", pending="Updating")
    body = None if call.api_version < EMPTY_SINCE else NO_BODY
    accepted = await call.world.operations.start(call, work, form, seconds=seconds, body=body, hold=hold)
    if not faults.take("import-500-after-accept", **facts):
        return accepted
    raise AzureError(500, "InternalServerError", "An internal server error occurred while processing the request.")


def _results_path(registry: Resource) -> str:
    """Return the path of a registry's operations: the region in capitals, as recorded."""
    provider = f"/subscriptions/{registry.subscription}/providers/Microsoft.ContainerRegistry"
    return f"{provider}/locations/{registry.location.upper()}/operationResults"


def _lacking(job: Import, source: Resource) -> int:
    """Return the bytes of the image that the target registry does not hold in any repository."""
    repository = content_of(job.world, source).repositories.get(job.request.repository)
    entry = repository.resolve(job.request.reference) if repository else None
    if repository is None or entry is None:
        return 0
    needed = {blob: size for one in repository.closure(entry.manifest.digest) for blob, size in one.manifest.blobs()}
    return sum(size for blob, size in needed.items() if not content_of(job.world, job.target).holds(blob))


def copy(job: Import, source: Resource) -> None:
    """Check everything, then copy everything; on any failure copy nothing."""
    entry = _source_entry(job, source)
    content, now = content_of(job.world, job.target), job.world.clock.now()
    _check_target(job)
    origin = content_of(job.world, source).repositories[job.request.repository]
    for name in dict.fromkeys([*(repository for repository, _ in job.request.tags), *job.request.untagged]):
        repository = content.repository(name, now)
        known = set(repository.manifests)
        repository.adopt(origin, entry.manifest.digest, now)
        _quarantine(job, repository, known)
        if job.world.faults.take("defender-scans", repository=name) and not entry.manifest.subject:
            append_findings(repository, entry.manifest.digest, now)
    for name, tag in job.request.tags:
        content.repository(name, now).put_tag(tag, entry.manifest.digest, now)


def _find_source(call: Call, job: Import) -> Resource:
    """Return the source registry, if the caller may read it."""
    request, world = job.request, call.world
    if request.registry_uri:
        found = find_by_login_server(world, request.registry_uri)
        if found is None:
            raise invalid(f"The registry '{request.registry_uri}' could not be reached from the embedded Azure.")
        return found
    source = world.resources.get(request.resource_id)
    if source is None or source.type.lower() != job.target.type.lower():
        raise world.resources.missing(request.resource_id)
    action, needed = f"{job.target.type}/importImage/action", f"{source.type}/pull/read"
    authorize_linked(world, call.caller, action, job.target.id, (needed, source.id))
    return source


def _take_faults(job: Import, source: Resource, facts: dict[str, str]) -> None:
    faults = job.world.faults
    if faults.take("throttle-imports", **facts) or _is_struck(job):
        raise job.failed("Invalid message 429 Too Many Requests Too Many Requests (HAP429).", "BadRequest")
    if faults.take("import-fails-once", **facts):
        raise job.failed("An internal error occurred while copying blobs.", "InternalServerError", 500)
    if faults.take("tag-moves-during-import", **facts):
        _move_tag(job, source)
    if not job.request.force and job.request.tags and (fault := faults.take("conflict-on-existing-tag", **facts)):
        _take_tags(job, source, other=bool(fault.params.get("other")))


def _is_struck(job: Import) -> bool:
    fault = job.world.faults.peek("chaos", plane="arm")
    return fault is not None and job.world.random.random() < fault.number("share", 0.2) / len(WAYS)


def _move_tag(job: Import, source: Resource) -> None:
    """Move the source tag during the import to another manifest of its repository, as a push would."""
    repository = content_of(job.world, source).repositories.get(job.request.repository)
    names = [job.request.reference, *(tag for name, tag in job.request.tags if name == job.request.repository)]
    tag = next((name for name in names if repository and name in repository.tags), None)
    if repository is None or tag is None:
        return
    other = next((d for d, e in repository.manifests.items() if e.tags and d != repository.tags[tag].digest), None)
    if other:
        repository.put_tag(tag, other, job.world.clock.now())


def _take_tags(job: Import, source: Resource, *, other: bool) -> None:
    """Create the target tags first, as a faster client would; with the same content, or with `other`."""
    copy(job, source)
    if other:
        name, tag = job.request.tags[0]
        repository = content_of(job.world, job.target).repositories[name]
        digest = repository.tags[tag].digest
        origin = content_of(job.world, source).repositories[job.request.repository]
        another = next(
            found for found, entry in origin.manifests.items() if found != digest and not entry.manifest.subject
        )
        repository.adopt(origin, another, job.world.clock.now())
        repository.put_tag(tag, another, job.world.clock.now())


def _source_entry(job: Import, source: Resource) -> Entry:
    """Return the manifest to copy, if network, policies, credentials and locks allow it."""
    _check_networks(job, source)
    if source.id.lower() != job.target.id.lower() and _export_disabled(source):
        detail = f"Exporting artifacts from the registry '{source.name}' is disabled by its export policy."
        raise job.failed(detail, "ExportPolicyDisabled", 403)
    if job.request.registry_uri:
        _check_credentials(job, source)
    repository = content_of(job.world, source).repositories.get(job.request.repository)
    entry = repository.resolve(job.request.reference) if repository else None
    if repository is None or entry is None:
        raise _no_manifest(job)
    tag = repository.tags.get(job.request.reference)
    _check_readable(job, repository.attributes, entry.attributes, tag.attributes if tag else UNLOCKED)
    _check_complete(job, repository, entry)
    return entry


def _no_manifest(job: Import) -> AzureError:
    """Return the error for a missing source manifest, in the words of Azure/acr#422: the requested tag or digest."""
    reference = job.request.reference
    tag, digest = ("", reference) if reference.startswith("sha256:") else (reference, "")
    return job.failed(f"Unable to find manifest digest  Repo: {job.request.repository} Tag: {tag} Manifest: {digest}")


def _check_networks(job: Import, source: Resource) -> None:
    """Check the networks: by resource id ACR is a trusted service; by login server a public client."""
    if job.request.registry_uri and not lets_in(source, SERVICE_ADDRESS):
        raise _denied(job)
    for registry in (source, job.target):
        if network_restricted(registry) and registry.properties.get("networkRuleBypassOptions") == "None":
            raise _denied(job)
        if job.world.settings.switches.service_endpoint_imports == "refused" and _has_subnets_alone(job, registry):
            raise _denied(job)


def _has_subnets_alone(job: Import, registry: Resource) -> bool:
    """Whether subnets are let in by service endpoints, and no private endpoint leads to the registry."""
    subnets = (registry.properties.get("networkRuleSet") or {}).get("virtualNetworkRules")
    endpoints = job.world.resources.children(registry.id, f"{registry.type}/privateEndpointConnections")
    return network_restricted(registry) and bool(subnets) and not endpoints


def _denied(job: Import) -> AzureError:
    message = f"client with IP \\u0027{SERVICE_ADDRESS}\\u0027 is not allowed access. {FIREWALL_HINT}"
    detail = f'{{"errors":[{{"code":"DENIED","message":"{message}"}}]}}'
    return job.failed(f"Invalid message Forbidden Forbidden {detail}")


def _export_disabled(source: Resource) -> bool:
    policies = source.properties.get("policies") or {}
    return str((policies.get("exportPolicy") or {}).get("status", "")).lower() == "disabled"


def _check_credentials(job: Import, source: Resource) -> None:
    """Check user and password, an Entra token as the password alone, or nothing with anonymous pull."""
    request, world = job.request, job.world
    identity: str | None = "anonymous"
    if request.username:
        identity = identify(world, source, request.username, request.password)
    elif request.password:
        try:
            identity = f"aad:{world.directory.principal_of(request.password, REGISTRY_AUDIENCES).object_id}"
        except InvalidTokenError:
            identity = None
    scope = f"repository:{request.repository}:pull"
    if identity is None or not grant(world, source, identity, [scope]):
        detail = '{"errors":[{"code":"UNAUTHORIZED","message":"authentication required"}]}'
        raise job.failed(f"Invalid message Unauthorized Unauthorized {detail}")


def _check_readable(job: Import, *attributes: Attributes) -> None:
    if any("Quarantined" in one.quarantine for one in attributes):
        raise _no_manifest(job)
    if not all(one.read for one in attributes):
        detail = "Invalid message MethodNotAllowed The operation is disallowed on this registry, repository or image."
        raise job.failed(f"{job.request.image} {detail}")


def _check_complete(job: Import, repository: Repository, entry: Entry) -> None:
    closure = repository.closure(entry.manifest.digest)
    if len(closure) > MAX_MANIFESTS:
        detail = f"The maximum number of manifests for an imported image is {MAX_MANIFESTS}; it has {len(closure)}."
        raise job.failed(f"{job.request.image} {detail}")
    if any(missing := repository.missing(item.manifest) for item in closure):
        raise job.failed(f"{job.request.image} Error copying blobs: {missing[0]} is unknown to the source registry.")


def _check_target(job: Import) -> None:
    content = content_of(job.world, job.target)
    rules = {
        rule.properties.get("targetRepository") for rule in job.world.resources.children(job.target.id, _CACHE_RULES)
    }
    for name in [*(repository for repository, _ in job.request.tags), *job.request.untagged]:
        if name in rules:
            raise job.failed(f"The repository {name} is the target of a cache rule.", "CacheRuleConflict", 409)
        if name in content.repositories and not content.repositories[name].attributes.write:
            raise job.failed(f"{name} Invalid message MethodNotAllowed The operation is disallowed on this repository.")
    if taken := _taken_tag(job):
        raise job.failed(f"Tag {taken} already exists in target registry.", "Conflict", 409)
    for name, tag in job.request.tags:
        existing = content.repositories[name].tags.get(tag) if name in content.repositories else None
        if existing and not existing.attributes.write:
            raise job.failed(
                f"{name}:{tag} Invalid message MethodNotAllowed The operation is disallowed on this image."
            )


_CACHE_RULES: Final = "Microsoft.ContainerRegistry/registries/cacheRules"


def _taken_tag(job: Import) -> str | None:
    """Return the first existing target tag in mode NoForce; its digest does not matter to Azure."""
    repositories = content_of(job.world, job.target).repositories
    for name, tag in () if job.request.force else job.request.tags:
        if name in repositories and tag in repositories[name].tags:
            return f"{name}:{tag}"
    return None


def _sync_conflict(job: Import) -> None:
    """Raise the other form in which the conflict was seen: 409 at the request itself."""
    if taken := _taken_tag(job):
        raise conflict("Conflict", f"Tag {taken} already exists in target registry.")


def _quarantine(job: Import, repository: Repository, known: set[str]) -> None:
    policies = job.target.properties.get("policies") or {}
    if (policies.get("quarantinePolicy") or {}).get("status") == "enabled":
        for digest in repository.manifests.keys() - known:
            repository.manifests[digest].attributes = Attributes(quarantine="Quarantined")
