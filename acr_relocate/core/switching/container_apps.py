"""Container apps and their jobs: what a switch changes, as JSON merge patches, and the health of a revision.

A merge patch replaces a list as a whole, so the containers and the registries are sent as Azure shows them at that
moment, with the changed values. Secrets are no part of either; a registry entry with a user name is never changed.

Source: Container Apps - Update and Jobs - Update (2024-03-01), both JSON merge patches; container-apps/revisions.md and
traffic-splitting.md; Container Apps Revisions - Get Revision.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, Final

from acr_relocate.core.request.dependents_to_switch import SwitchedKind
from acr_relocate.core.switching.facts import DependentHealth, SwitchedDependent, comes_from
from acr_relocate.core.switching.former_values import FormerEntry, FormerImage, FormerShare

Json = dict[str, Any]
CONTAINER_APPS_API: Final = "2024-03-01"
_LISTS: Final = (("containers", False), ("initContainers", True))
_SERVING: Final = frozenset({"running", "runningatmaxscale", "scaledtozero"})


def why_not_switched(app: Json, source_server: str) -> str:
    """Return why the app is left to people, or an empty string."""
    entry = _entry(app, source_server)
    if entry and (entry.get("username") or entry.get("passwordSecretRef")):
        return (
            "it pulls with a user name and a password, which this service never reads. Let it pull with a managed "
            "identity, or give it the target's password"
        )
    if entry and not entry.get("identity"):
        return "its registry entry has neither an identity nor a user name"
    if not _is_multiple(app):
        return ""
    shares = [one for one in _traffic(app) if one.weight]
    if not shares:
        return "several of its revisions are active without ingress, so it cannot be told which of them is used"
    latest = str(_properties(app).get("latestRevisionName") or "")
    if len(shares) > 1 or not (shares[0].latest or shares[0].revision == latest):
        return "its traffic is split, or goes to another revision than the latest: all of it has to go to the latest"
    return ""


def facts_of_app(
    kind: SwitchedKind,
    app: Json,
    *,
    registry_id: str,
    source_server: str,
    target_server: str,
) -> SwitchedDependent:
    """Return the former value of the app, which names the source in an image or in a registry entry."""
    entry = _entry(app, source_server)
    return SwitchedDependent(
        registry_id=registry_id.lower(),
        kind=kind,
        dependent_id=str(app["id"]),
        source_server=source_server,
        target_server=target_server,
        images=tuple(_source_images(app, source_server)),
        entry=FormerEntry(
            server=entry["server"], identity=str(entry.get("identity") or ""), position=_registries(app).index(entry)
        )
        if entry
        else None,
        adds_entry=entry is not None and _entry(app, target_server) is None,
        revision=str(_properties(app).get("latestRevisionName") or ""),
        traffic=_traffic(app) if _is_multiple(app) else (),
    )


def names_source(app: Json, source_server: str) -> bool:
    """Return whether an image or a registry entry of the app is the source's."""
    return bool(_entry(app, source_server)) or any(comes_from(one, source_server) for one in _images(app).values())


def to_target(app: Json, facts: SwitchedDependent) -> Json:
    """Return the patch that lets the app run the target's images; the source's entry stays until that is proven.

    With several active revisions the traffic stays at the former one.
    """
    patch = _template(app, facts, facts.after)
    configuration: Json = {}
    if facts.entry and _entry(app, facts.target_server) is None:
        own = _entry(app, facts.source_server) or {"identity": facts.entry.identity}
        configuration["registries"] = [*_registries(app), own | {"server": facts.target_server}]
    if facts.traffic and patch:
        configuration["ingress"] = {"traffic": [_written(_pinned(one, facts)) for one in facts.traffic]}
    return _patch(patch, configuration)


def traffic_to(facts: SwitchedDependent, revision: str, percent: int) -> Json:
    """Return the patch that gives the new revision this share of the traffic; 100 is as before, at the new one."""
    shares = _all_traffic(facts, revision)
    if percent < 100:
        kept = (_pinned(one, facts) for one in facts.traffic)
        left = (one.model_copy(update={"weight": 100 - percent}) if one.weight else one for one in kept)
        shares = (*left, FormerShare(revision=revision, weight=percent))
    return _patch({}, {"ingress": {"traffic": [_written(one) for one in shares]}})


def without_source(app: Json, facts: SwitchedDependent) -> Json:
    """Return the patch that takes the source's entry from the registries; empty if it has none."""
    entry = _entry(app, facts.source_server)
    if facts.entry is None or entry is None:
        return {}
    return _patch({}, {"registries": [one for one in _registries(app) if one is not entry]})


def to_source(app: Json, facts: SwitchedDependent) -> Json:
    """Return the patch that restores the former value; empty if the app has it."""
    configuration: Json = {}
    if facts.entry:
        entries = [one for one in _registries(app) if not (facts.adds_entry and _is_at(one, facts.target_server))]
        if _entry(app, facts.source_server) is None:
            own = _entry(app, facts.target_server) or {}
            former = own | {"server": facts.entry.server, "identity": facts.entry.identity}
            entries.insert(min(facts.entry.position, len(entries)), former)
        if entries != _registries(app):
            configuration["registries"] = entries
    if facts.traffic and _traffic(app) != facts.traffic:
        configuration["ingress"] = {"traffic": [_written(one) for one in facts.traffic]}
    return _patch(_template(app, facts, lambda one: one.image), configuration)


def has_all_traffic(app: Json, facts: SwitchedDependent, revision: str) -> bool:
    """Return whether the traffic is as before, at the new revision."""
    return _traffic(app) == _all_traffic(facts, revision)


def changed_since(app: Json, facts: SwitchedDependent) -> str:
    """Return what somebody else has changed of that which the switch changes, or an empty string."""
    running = _images(app)
    for one in facts.images:
        now = running.get((one.init, one.container))
        if now is None:
            return f"it has no container {one.container} any more"
        if now not in {one.image, facts.after(one)}:
            return f"{one.container} runs {now}"
    if facts.entry and not (_entry(app, facts.source_server) or _entry(app, facts.target_server)):
        return "it has neither registry among its registries"
    return ""


def revision_health(app: Json, revision: Json, facts: SwitchedDependent, server: str) -> DependentHealth:
    """Return the health of the app's latest revision, which has to run the images of this server.

    A revision that scales to zero without load is ready when Azure has provisioned it, which it does with its images.
    """
    own, name = revision.get("properties") or {}, str(revision.get("name") or "")
    provisioned, running, health = (
        str(own.get(field) or "") for field in ("provisioningState", "runningState", "healthState")
    )
    words = f"its revision {name} is {provisioned or 'unknown'}, {running or 'unknown'}, health {health or 'unknown'}"
    if error := str(own.get("provisioningError") or ""):
        words += f": {error}"
    if provisioned.lower() == "failed" or running.lower() == "failed":
        return DependentHealth("failed", words, name)
    images = _images({"properties": own})
    wanted = all(comes_from(images.get((one.init, one.container), ""), server) for one in facts.images)
    serves = provisioned.lower() == "provisioned" and running.lower() in _SERVING and health.lower() != "unhealthy"
    is_ready = _properties(app).get("latestReadyRevisionName") == name == _properties(app).get("latestRevisionName")
    return DependentHealth("ready" if wanted and serves and is_ready else "waiting", words, name)


def job_health(job: Json) -> DependentHealth:
    """Return whether Azure has accepted a job; only its next execution pulls, and no execution is started for that."""
    state = str(_properties(job).get("provisioningState") or "")
    words = f"the job is {state or 'unknown'}"
    if state.lower() == "failed":
        return DependentHealth("failed", words)
    return DependentHealth("ready" if state.lower() == "succeeded" else "waiting", words)


def is_used(revision: Json, facts: SwitchedDependent) -> bool:
    """Return whether the revision is active and runs images of the source, which it may pull again at any time."""
    own = revision.get("properties") or {}
    images = _images({"properties": own}).values()
    return bool(own.get("active")) and any(comes_from(image, facts.source_server) for image in images)


def _properties(app: Json) -> Json:
    return app.get("properties") or {}


def _configuration(app: Json) -> Json:
    return _properties(app).get("configuration") or {}


def _registries(app: Json) -> list[Json]:
    return list(_configuration(app).get("registries") or ())


def _entry(app: Json, server: str) -> Json | None:
    return next((one for one in _registries(app) if _is_at(one, server)), None)


def _is_at(entry: Json, server: str) -> bool:
    return str(entry.get("server") or "").lower() == server.lower()


def _is_multiple(app: Json) -> bool:
    return str(_configuration(app).get("activeRevisionsMode") or "").lower() == "multiple"


def _traffic(app: Json) -> tuple[FormerShare, ...]:
    told = (_configuration(app).get("ingress") or {}).get("traffic") or ()
    return tuple(
        FormerShare(
            revision=str(one.get("revisionName") or ""),
            latest=bool(one.get("latestRevision")),
            weight=int(one.get("weight") or 0),
            label=str(one.get("label") or ""),
        )
        for one in told
    )


def _pinned(share: FormerShare, facts: SwitchedDependent) -> FormerShare:
    """Return the share at the former revision, where it follows the latest one."""
    return share.model_copy(update={"latest": False, "revision": facts.revision}) if share.latest else share


def _all_traffic(facts: SwitchedDependent, revision: str) -> tuple[FormerShare, ...]:
    """Return the former traffic with the new revision in the place of the one that has all of it."""
    return tuple(
        one.model_copy(update={"revision": revision}) if one.weight and not one.latest else one for one in facts.traffic
    )


def _written(share: FormerShare) -> Json:
    """Return the share as Azure has it; unset fields are not sent."""
    whole = {
        "revisionName": share.revision,
        "latestRevision": share.latest,
        "weight": share.weight,
        "label": share.label,
    }
    return {name: value for name, value in whole.items() if value or name == "weight"}


def _containers(app: Json) -> Iterator[tuple[bool, Json]]:
    template = _properties(app).get("template") or {}
    for name, is_init in _LISTS:
        for one in template.get(name) or ():
            yield is_init, one


def _images(app: Json) -> dict[tuple[bool, str], str]:
    return {(is_init, str(one.get("name"))): str(one.get("image") or "") for is_init, one in _containers(app)}


def _source_images(app: Json, source_server: str) -> Iterator[FormerImage]:
    for (is_init, container), image in _images(app).items():
        if comes_from(image, source_server):
            yield FormerImage(container=container, image=image, init=is_init)


def _template(app: Json, facts: SwitchedDependent, image_of: Callable[[FormerImage], str]) -> Json:
    """Return the changed lists of containers; a suffix goes, because no two revisions can have the same."""
    wanted = {(one.init, one.container): image_of(one) for one in facts.images}
    template, changed = _properties(app).get("template") or {}, Json()
    for name, is_init in _LISTS:
        before = list(template.get(name) or ())
        after = [_with_image(one, wanted.get((is_init, str(one.get("name"))))) for one in before]
        if after != before:
            changed[name] = after
    if changed and template.get("revisionSuffix"):
        changed["revisionSuffix"] = None
    return changed


def _with_image(container: Json, image: str | None) -> Json:
    return container if image is None else container | {"image": image}


def _patch(template: Json, configuration: Json) -> Json:
    parts = {"template": template, "configuration": configuration}
    own = {name: part for name, part in parts.items() if part}
    return {"properties": own} if own else {}
