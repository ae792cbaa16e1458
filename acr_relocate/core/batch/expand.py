"""From a batch to its members: one request for each registry, in waves."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from fnmatch import fnmatchcase

from pydantic import Field

from acr_relocate.core.batch.request import BatchRequest, IntoOneTarget, Query
from acr_relocate.core.errors import InvalidRequest
from acr_relocate.core.model import FrozenModel
from acr_relocate.core.registry.regions import normalise_region
from acr_relocate.core.request.identity import relocation_id
from acr_relocate.core.request.maintenance_window import Window
from acr_relocate.core.request.registry_refs import RegistryRef
from acr_relocate.core.request.relocation import RelocationRequest, parse_request


class GraphRegistry(FrozenModel):
    """A registry found by Azure Resource Graph."""

    registry: RegistryRef
    location: str
    tags: dict[str, str] = Field(default={})


class BatchMember(FrozenModel):
    """One registry of a batch: its request, and its wave by number and name."""

    request: RelocationRequest
    wave: int
    wave_name: str

    def key(self, batch: str, attempt: int) -> str:
        """Return the idempotency key of an attempt: starting it twice starts one run."""
        return f"batch-{batch}-{relocation_id(self.request)}-{attempt}"


def expand(batch: BatchRequest, found: Iterable[GraphRegistry]) -> tuple[BatchMember, ...]:
    """Return each registry of the batch once, by wave. Raises InvalidRequest if one cannot be moved as requested."""
    together = [request for one in batch.consolidations for request in _requests_into(batch, one)]
    named = {request.source.name for request in (*batch.requests, *together)}  # unique in a cloud
    queried = [
        _request(batch, each)
        for each in sorted(found, key=lambda each: each.registry.resource_id.lower())
        if _selects(batch, each) and each.registry.name not in named
    ]
    requests = [_with_window(request, batch.window) for request in (*batch.requests, *together, *queried)]
    if not requests:
        raise InvalidRequest(
            "The query of the batch finds no registry.",
            remedy="Azure Resource Graph finds only what the identity may read: look at its rights at the "
            "subscriptions, then at the patterns, regions and tags of the query.",
        )
    _refuse_twice(requests)
    members = [_member(batch, request) for request in requests]
    return tuple(sorted(members, key=lambda member: member.wave))


def _selects(batch: BatchRequest, found: GraphRegistry) -> bool:
    query = batch.query
    location = normalise_region(found.location)
    return (
        found.registry.subscription_id.lower() in {each.lower() for each in query.subscription_ids}
        and _matches(found.registry.resource_group, query.resource_groups)
        and (location in query.locations if query.locations else location != batch.naming.location)
        and _has_tags(found, query)
    )


def _matches(name: str, patterns: Sequence[str]) -> bool:
    return not patterns or any(fnmatchcase(name.lower(), pattern.lower()) for pattern in patterns)


def _has_tags(found: GraphRegistry, query: Query) -> bool:
    """Compare tags as Azure does: names ignore case, values do not (its page on tag resources)."""
    tags = {name.lower(): value for name, value in found.tags.items()}
    return all(name.lower() in tags and fnmatchcase(tags[name.lower()], value) for name, value in query.tags.items())


def _request(batch: BatchRequest, found: GraphRegistry) -> RelocationRequest:
    naming, source = batch.naming, found.registry
    values = {
        "name": source.name,
        "resource_group": source.resource_group,
        "location": found.location,
        "target_location": naming.location,
    }
    target = {
        "name": naming.name.format_map(values),
        "resource_group": naming.resource_group.format_map(values),
        "location": naming.location,
        "subscription_id": naming.subscription_id,
    }
    try:
        return parse_request({**batch.options, "source": source.model_dump(), "target": target})
    except InvalidRequest as error:
        raise InvalidRequest(f"{source.name}, by the naming rules and options: {error.message}") from None


def _requests_into(batch: BatchRequest, one: IntoOneTarget) -> Iterable[RelocationRequest]:
    """Yield the request of each source of one target."""
    shared = one.model_dump(exclude={"target"})
    for source in one.sources:
        fields = {"source": source.registry.model_dump(), "target": one.target.model_dump(), "consolidation": shared}
        try:
            yield parse_request({**batch.options, **fields})
        except InvalidRequest as error:
            raise InvalidRequest(f"{source.registry.name}, into {one.target.name}: {error.message}") from None


def _with_window(request: RelocationRequest, window: Window) -> RelocationRequest:
    return request if request.window != Window() else request.model_copy(update={"window": window})


def _refuse_twice(requests: Sequence[RelocationRequest]) -> None:
    """Refuse two relocations of one registry, or onto one: they would conflict."""
    for what, names in (
        ("Moved twice", [request.source.name for request in requests]),
        ("Twice a target", _targets(requests)),
    ):
        if twice := sorted({name for name in names if names.count(name) > 1}):
            raise InvalidRequest(f"{what} in this batch: {', '.join(twice)}")
    if both := sorted({request.source.name for request in requests} & {request.target.name for request in requests}):
        raise InvalidRequest(f"Moved and a target in this batch: {', '.join(both)}")


def _targets(requests: Sequence[RelocationRequest]) -> list[str]:
    """Return the targets; that of several sources of one consolidation once."""
    shared = {(request.target.name, request.consolidation.names) for request in requests if _is_shared(request)}
    return [*(request.target.name for request in requests if not _is_shared(request)), *(name for name, _ in shared)]


def _is_shared(request: RelocationRequest) -> bool:
    return bool(request.consolidation.sources)


def _member(batch: BatchRequest, request: RelocationRequest) -> BatchMember:
    first = next(iter(request.consolidation.names), request.source.name)  # they move in their own order, in its wave
    for number, wave in enumerate(batch.waves, 1):
        if _matches(first, wave.registries):
            return BatchMember(request=request, wave=number, wave_name=wave.name)
    return BatchMember(request=request, wave=len(batch.waves) + 1, wave_name="the rest" if batch.waves else "")
