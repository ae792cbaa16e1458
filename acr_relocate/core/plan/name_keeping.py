"""The cost of keeping the login server's name: the time without pulls, and the changes that consumers notice."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

from acr_relocate.core.content.import_plan import ImportItem, ImportPlan
from acr_relocate.core.dependencies.model import RUNS, DependencyMap
from acr_relocate.core.model import FrozenModel
from acr_relocate.core.plan.estimate import NOT_MEASURED, MeasuredTimes, estimate
from acr_relocate.core.registry.inventory import Registry
from acr_relocate.core.registry.spelling import says
from acr_relocate.core.request.relocation import RelocationRequest
from acr_relocate.core.wording import duration, plural, size

TOO_LONG_SECONDS: Final = 3600.0
"""The longest time without pulls of images in use that this service does not advise against."""
STAYS: Final = "nothing: it pulls by the name, which stays; no pull succeeds while the name is free"
_MINUTE: Final = 60.0


class DowntimePart(FrozenModel):
    """A part of the time in which the name answers no pull: its least and greatest duration, and why."""

    what: str
    least_seconds: float
    longest_seconds: float
    basis: str


class Noticed(FrozenModel):
    """A change that somebody notices although the name stays."""

    who: str
    what: str


class NameKeeping(FrozenModel):
    """The way to another region under the same name: its steps, its downtime, and whether it is advisable.

    `before`: until the name answers again, empty. `used` and `everything`: then, until the images in use and all images
    can be pulled. `used_images`: the images that clusters ran lately, by their logs; 0 if no log tells, and then all
    images count as used.
    """

    intermediate: str
    steps: tuple[str, ...]
    before: tuple[DowntimePart, ...]
    used: DowntimePart
    everything: DowntimePart
    used_images: int
    noticed: tuple[Noticed, ...]

    @property
    def used_seconds(self) -> tuple[float, float]:
        """Return the least and the greatest time without pulls of images in use."""
        return _together((*self.before, self.used))

    @property
    def all_seconds(self) -> tuple[float, float]:
        """Return the least and the greatest time until every image can be pulled again."""
        return _together((*self.before, self.everything))

    @property
    def is_advisable(self) -> bool:
        """Return whether images in use can be pulled again within the time that is not too long."""
        return self.used_seconds[1] <= TOO_LONG_SECONDS

    @property
    def advice(self) -> str:
        """Return in words whether to keep the name, and the way without that downtime."""
        least, longest = self.used_seconds
        spoken = f"{duration(least)} to {duration(longest)}"
        if self.is_advisable:
            return (
                f"The name stays; images in use cannot be pulled for {spoken}. If that is too long, take another name: "
                "then pulls never stop, and references change."
            )
        return (
            f"Not recommended: images in use cannot be pulled for {spoken}, and any pod that starts meanwhile fails. "
            "Take another name: pulls never stop, and `acr-relocate references` and `switch` change what names it."
        )


def name_keeping(
    request: RelocationRequest,
    source: Registry,
    whole: ImportPlan,
    running: Iterable[str],
    measured: MeasuredTimes = NOT_MEASURED,
) -> NameKeeping | None:
    """Return what keeping the name costs; None for another relocation.

    Args:
        request: The request, with the intermediate registry as its target.
        source: The registry whose name is kept.
        whole: The imports into an empty registry.
        running: The images that clusters ran lately, as `repository:tag`.
        measured: The figures of a rehearsal, if there was one.

    """
    if not request.keeps_name:
        return None
    used = _used(whole, frozenset(running))
    deploy = measured.deploy_seconds
    made = "as measured" if deploy else "assumed: Azure names no figure"
    assumed = "assumed: Azure names no figure"
    return NameKeeping(
        intermediate=request.target.name,
        steps=tuple(_steps(request, source)),
        before=(
            DowntimePart(what=f"Delete {source.name}", least_seconds=30, longest_seconds=5 * _MINUTE, basis=assumed),
            DowntimePart(what="Azure frees the name", least_seconds=0, longest_seconds=10 * _MINUTE, basis=assumed),
            DowntimePart(
                what=f"Create {source.name} in {request.target.location}",
                least_seconds=deploy or _MINUTE,
                longest_seconds=2 * deploy or 10 * _MINUTE,
                basis=made,
            ),
            DowntimePart(
                what="Give roles, private endpoints and DNS again",
                least_seconds=30,
                longest_seconds=10 * _MINUTE,
                basis="a role takes up to 10 minutes to reach a registry",
            ),
        ),
        used=_importing("Import the images in use", used or whole.items, request, measured),
        everything=_importing("Import all images", whole.items, request, measured),
        used_images=len(used),
        noticed=tuple(_noticed(request, source)),
    )


def users_as_they_are(drawn: DependencyMap) -> DependencyMap:
    """Return the map in which nothing has to be done about who runs images: the name that they pull from stays."""
    kept = (
        entry.model_copy(update={"manual": False, "command": "", "strategy": "shared", "action": STAYS})
        if entry.family == RUNS
        else entry
        for entry in drawn.dependencies
    )
    return drawn.model_copy(update={"dependencies": tuple(kept)})


def _used(whole: ImportPlan, running: frozenset[str]) -> tuple[ImportItem, ...]:
    return tuple(
        item for item in whole.items if not running.isdisjoint(f"{item.repository}:{tag}" for tag in item.tags)
    )


def _importing(
    what: str, items: tuple[ImportItem, ...], request: RelocationRequest, measured: MeasuredTimes
) -> DowntimePart:
    sizes = [item.size_bytes for item in items]
    taken = estimate(len(items), sizes, measured, request.concurrency)
    return DowntimePart(
        what=what,
        least_seconds=taken.import_seconds,
        longest_seconds=max(taken.import_seconds, taken.longest_seconds),
        basis=f"{plural(len(items), 'importImage call')}, at most {size(sum(sizes))}",
    )


def _together(parts: Iterable[DowntimePart]) -> tuple[float, float]:
    parts = tuple(parts)
    return sum(one.least_seconds for one in parts), sum(one.longest_seconds for one in parts)


def _steps(request: RelocationRequest, source: Registry) -> Iterator[str]:
    there, name = request.target.name, source.name
    yield (
        f"Relocate to {there}: settings, children, access and all content. {name} still serves. "
        "`acr-relocate run REQUEST` does this step, `acr-relocate keep-name REQUEST` all of them up to 6."
    )
    yield "Import again what is new, as often as you like: `acr-relocate sync REQUEST`."
    yield (
        f"In the window: block pushes to {name}, import the rest, compare everything, ask {there} for every blob. "
        f"A person types {name}."
    )
    yield f"Delete {name}. From here on nothing can be pulled from it; {there} has all of it, under a name that works."
    yield f"Create {name} in {request.target.location} from {there}, with its settings and children."
    yield f"Import from {there}, in the same region: the images in use first. Give access again. Compare."
    yield f"After some weeks: `acr-relocate discard REQUEST` removes {there}."


def _noticed(request: RelocationRequest, source: Registry) -> Iterator[Noticed]:
    """Yield what changes although the name stays, for each part that the registry has."""
    yield Noticed(who="everybody", what="no pull and no push while the name is free; pushes are blocked before that")
    if tokens := source.children_of("tokens"):
        yield Noticed(who=plural(len(tokens), "token"), what="new passwords: Azure shows and takes no former one")
    if source.properties.get("adminUserEnabled"):
        yield Noticed(who="the admin user", what="new passwords")
    if "systemassigned" in str((source.identity or {}).get("type") or "").lower():
        yield Noticed(who="the registry's own identity", what="another principal id; its roles are given again")
    if endpoints := source.children_of("privateEndpoints"):
        yield Noticed(
            who=plural(len(endpoints), "private endpoint"),
            what="new ones with other IP addresses; DNS names stay, caches keep the former address for their TTL",
        )
    if source.properties.get("dataEndpointEnabled"):
        yield Noticed(
            who="firewalls that list data endpoints",
            what=f"{source.name}.{request.target.location}.data instead of {source.name}.{source.location}.data",
        )
    if source.children_of("webhooks"):
        yield Noticed(who="receivers of webhooks", what="calls from another region; address, headers and scope stay")
    group = request.target.resource_group
    if group and not says(source.resource_group, group):
        yield Noticed(
            who="everything that names the resource id",
            what=f"the id changes, because the resource group does: {source.resource_group} to {group}",
        )
    yield Noticed(
        who="readers of its history", what="runs of tasks, usage and dates of pushes are those of a new registry"
    )
