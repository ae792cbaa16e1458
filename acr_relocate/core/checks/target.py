"""Checks of the target: its name, its region, what is there already."""

from collections.abc import Iterator

from acr_relocate.core.checks.evidence import Evidence, NameAvailability, Unknown
from acr_relocate.core.checks.reading import could_not_be_read
from acr_relocate.core.findings import Finding
from acr_relocate.core.inventory import Registry
from acr_relocate.core.plan_id import PLAN_TAG, relocation_id
from acr_relocate.core.regions import compact, has_zones


def target_holds_another_relocation(evidence: Evidence) -> Iterator[Finding]:
    """A registry is at the target that this relocation did not create: it is not touched."""
    target = evidence.target
    if isinstance(target, Unknown):
        yield could_not_be_read("the target registry", target, evidence.request.target_id)
    elif target and target.tags.get(PLAN_TAG) != relocation_id(evidence.request):
        held = target.tags.get(PLAN_TAG)
        what = f"holds relocation {held}" if held else "was not created by a relocation"
        yield Finding(
            code="target_holds_another_relocation",
            severity="blocker",
            message=f"Registry {target.name} exists and {what}; this one is {relocation_id(evidence.request)}.",
            remedy="Choose another target name, or run the request that it was created with.",
            resource=target.id,
        )


def name_taken(evidence: Evidence) -> Iterator[Finding]:
    """Someone else has the target's name; names are global in a cloud. Asked only while the target is not there."""
    if isinstance(evidence.target, Registry):
        return
    name = evidence.request.target.name
    if isinstance(evidence.name, Unknown):
        yield could_not_be_read(f"whether the name {name} is free", evidence.name, evidence.request.target_id)
    elif isinstance(evidence.name, NameAvailability) and not evidence.name.available:
        yield Finding(
            code="name_taken",
            severity="blocker",
            message=evidence.name.message or f"The registry name {name} is already in use.",
            remedy=f"Choose another name in target.name. To see whether one is free: az acr check-name --name {name}2",
            resource=evidence.request.target_id,
        )


def region_lacks_registries(evidence: Evidence) -> Iterator[Finding]:
    """Azure does not offer container registries in the target region, or not to this subscription."""
    location = evidence.request.target.location
    if isinstance(evidence.region, Unknown):
        yield could_not_be_read(f"what {location} offers", evidence.region, location)
    elif not evidence.region.registries:
        yield Finding(
            code="region_lacks_registries",
            severity="blocker",
            message=f"Azure Container Registry is not offered in {location}.",
            remedy="Choose a region from: az provider show -n Microsoft.ContainerRegistry "
            "--query \"resourceTypes[?resourceType=='registries'].locations\"",
            resource=location,
        )


def region_lacks_zones(evidence: Evidence) -> Iterator[Finding]:
    """The source is zone redundant and the target's region has no availability zones (the article's prerequisite)."""
    wanted = str(evidence.source.properties.get("zoneRedundancy", "")).lower() == "enabled"
    location = evidence.request.target.location
    if isinstance(evidence.region, Unknown) or not wanted:
        return  # region_lacks_registries says that the region could not be read
    if not evidence.region.zones and not has_zones(location):
        yield Finding(
            code="region_lacks_zones",
            severity="blocker",
            message=f"{evidence.source.name} is zone redundant, and {location} has no availability zones.",
            remedy="Choose a region with availability zones.",
            resource=location,
        )


def same_region(evidence: Evidence) -> Iterator[Finding]:
    """The registry moves within its region: to another group, subscription or name."""
    if compact(evidence.source.location) == evidence.request.target.location:
        yield Finding(
            code="same_region",
            severity="warning",
            message=f"Source and target are both in {evidence.request.target.location}.",
            remedy="Correct target.location if the registry is to change its region.",
            resource=evidence.request.target_id,
        )
