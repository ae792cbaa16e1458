"""Checks of the target: its name, subscription, region and resource group, and any registry that exists there."""

from collections.abc import Iterator
from typing import Final

from acr_relocate.core.checks.check import Violation, check
from acr_relocate.core.evidence.azure_facts import NameAvailability, RegionOffer, Subscription, TargetResourceGroup
from acr_relocate.core.evidence.evidence import Evidence
from acr_relocate.core.registry.inventory import Content, Registry
from acr_relocate.core.registry.regions import has_zones, normalise_location
from acr_relocate.core.registry.spelling import says
from acr_relocate.core.request.identity import PLAN_TAG, target_mark
from acr_relocate.core.target.children.replications import is_home_replication
from acr_relocate.core.target.children.scope_maps import is_system_scope_map

CHINA: Final = "china"
US_GOVERNMENT: Final = ("usgov", "usdod")
# Offers on free credit, for which Azure pauses ACR Tasks (tasks-overview).
FREE_CREDIT: Final = ("freetrial", "azureforstudents", "msdn", "azurepass", "sponsored")


@check("blocker")
def target_holds_another_relocation(evidence: Evidence) -> Iterator[Violation]:
    """The target registry exists and was not created by this relocation: it is not touched.

    Source: F22, and the tag that every target carries.
    """
    target, relocation = evidence.target, target_mark(evidence.request)
    held = target.tags.get(PLAN_TAG) if isinstance(target, Registry) else None
    if isinstance(target, Registry) and held != relocation and not _is_blank(target, evidence):
        what = f"holds relocation {held}" if held else "was not created by a relocation"
        yield Violation(
            f"Registry {target.name} exists and {what}; this one is {relocation}.",
            "Choose another name in target.name, or run the request that it was created with.",
            target.id,
        )


@check("decision", required=True)
def target_not_handed_over(evidence: Evidence) -> Iterator[Violation]:
    """The target registry exists, is empty and was not created by a relocation, but by a landing zone, for example.

    It is not touched until its owner has handed it over, by the tag that every target carries.
    Source: F22; a registry that exists is updated by a deployment, not refused.
    """
    target, relocation = evidence.target, target_mark(evidence.request)
    if isinstance(target, Registry) and _is_blank(target, evidence):
        yield Violation(
            f"Registry {target.name} exists, is empty, and was not created by a relocation.",
            "Choose another name in target.name, or hand it over (it then gets the source's settings, and `discard` "
            "deletes it): "
            f"az tag update --resource-id {target.id} --operation Merge --tags {PLAN_TAG}={relocation}",
            target.id,
        )


@check("blocker")
def name_taken(evidence: Evidence) -> Iterator[Violation]:
    """The target's name is taken: names are global in a cloud, and the source's is taken while it exists.

    Asked only while the target does not exist. The request itself checks that it is legal and not the source's.
    Source: F22; checkNameAvailability.
    """
    answer, name = evidence.name, evidence.request.target.name
    if evidence.target is None and isinstance(answer, NameAvailability) and not answer.available:
        yield Violation(
            answer.message or f"The registry name {name} is already in use.",
            f"Choose another name in target.name. To see whether one is free: az acr check-name --name {name}2",
            evidence.request.target_id,
        )


@check("blocker")
def another_cloud(evidence: Evidence) -> Iterator[Violation]:
    """The target's region is in another cloud (public, China, US Government) than the source's: no import crosses that.

    Source: the clouds have separate tenants.
    """
    here, there = evidence.source.location, evidence.request.target.location
    if _cloud(here) != _cloud(there):
        yield Violation(
            f"{here} and {there} are in different clouds, and no import goes from one to the other.",
            "Choose a target.location in the source's cloud, or use ACR Transfer by way of storage accounts.",
            evidence.request.target_id,
        )


@check("blocker")
def another_tenant(evidence: Evidence) -> Iterator[Violation]:
    """The target's subscription is in another tenant than the source's; the article's scope is one tenant.

    Source: F9; an import by resource id needs one identity that may act on both sides.
    """
    request = evidence.request
    here = evidence.subscriptions.get(request.source.subscription_id)
    there = evidence.subscriptions.get(request.target_subscription_id)
    if isinstance(here, Subscription) and isinstance(there, Subscription) and here.tenant_id != there.tenant_id:
        yield Violation(
            f"The source is in tenant {here.tenant_id}, the target's subscription in {there.tenant_id}.",
            "Choose a target.subscription_id of the same tenant, or have the subscription transferred first.",
            f"/subscriptions/{request.target_subscription_id}",
        )


@check("blocker")
def subscription_missing(evidence: Evidence) -> Iterator[Violation]:
    """A subscription of the request does not exist, or this identity holds no role in it.

    Source: `SubscriptionNotFound`.
    """
    for subscription, found in evidence.subscriptions.items():
        if found is None:
            yield Violation(
                f"Subscription {subscription} is not there, or not for this identity.",
                "Correct the id in the request, or have at least Reader assigned there: az account list --all",
                f"/subscriptions/{subscription}",
            )


@check("blocker")
def subscription_not_enabled(evidence: Evidence) -> Iterator[Violation]:
    """A subscription takes no writes: it is Warned, PastDue, Disabled or Deleted.

    Source: Azure subscription states; ARM refuses writes with `ReadOnlyDisabledSubscription`.
    """
    for found in evidence.subscriptions.values():
        if isinstance(found, Subscription) and found.state.lower() != "enabled":
            yield Violation(
                f"Subscription {found.id} is {found.state}.",
                f"Have it reactivated (its billing owner can): az account show --subscription {found.id}",
                f"/subscriptions/{found.id}",
            )


@check("warning")
def free_credit_pauses_tasks(evidence: Evidence) -> Iterator[Violation]:
    """The source has tasks, and the target's subscription runs on free credit, for which Azure pauses ACR Tasks.

    Source: D/container-registry-tasks-overview.md.
    """
    subscription = evidence.subscriptions.get(evidence.request.target_subscription_id)
    if not isinstance(subscription, Subscription) or not evidence.source.children_of("tasks"):
        return
    if subscription.quota_id.lower().startswith(FREE_CREDIT):
        yield Violation(
            f"Tasks will not run in subscription {subscription.id}: its offer is {subscription.quota_id}.",
            "Choose a target.subscription_id that is paid for, or ask Azure support to enable tasks.",
            f"/subscriptions/{subscription.id}",
        )


@check("blocker")
def region_lacks_registries(evidence: Evidence) -> Iterator[Violation]:
    """Azure does not offer container registries in the target region, or not to this subscription.

    Source: F48; `providers/Microsoft.ContainerRegistry`. Every region that has registries has all SKUs.
    """
    location = evidence.request.target.location
    if isinstance(evidence.region, RegionOffer) and not evidence.region.registries:
        yield Violation(
            f"Azure Container Registry is not offered in {location}.",
            "Choose a region from: az provider show -n Microsoft.ContainerRegistry "
            "--query \"resourceTypes[?resourceType=='registries'].locations\"",
            location,
        )


@check("decision")
def region_lacks_feature(evidence: Evidence) -> Iterator[Violation]:
    """The source has children of a kind, such as agent pools, that Azure does not offer in the target region.

    Source: F48; D/tasks-agent-pools.md and `resourceTypes[].locations`.
    """
    location = evidence.request.target.location
    if not isinstance(evidence.region, RegionOffer) or not evidence.region.registries:
        return
    for kind in evidence.region.lacking:
        names = [child.name for child in evidence.source.children_of(kind)]
        if names:
            yield Violation(
                f"{location} does not offer {kind}, and the source has {', '.join(names)}.",
                f"Do without, or choose a target.location that has {kind}: az provider show -n "
                f"Microsoft.ContainerRegistry --query \"resourceTypes[?resourceType=='registries/{kind}'].locations\"",
                location,
            )


@check("warning")
def region_lacks_zones(evidence: Evidence) -> Iterator[Violation]:
    """The source's region has availability zones and the target's has none (the article's prerequisite).

    Azure spreads every registry of a region with zones over them; `zoneRedundancy` no longer decides about it.
    Source: D/zone-redundancy.md (2026-03-25).
    """
    source, location = evidence.source, evidence.request.target.location
    has_them = has_zones(normalise_location(source.location)) or says(
        source.properties.get("zoneRedundancy"), "Enabled"
    )
    if isinstance(evidence.region, RegionOffer) and has_them and not evidence.region.zones and not has_zones(location):
        yield Violation(
            f"{source.name} is spread over the availability zones of {source.location}, and {location} has none.",
            "Choose a target.location with availability zones: az account list-locations "
            '--query "[?availabilityZoneMappings].name"',
            location,
        )


@check("warning")
def same_region(evidence: Evidence) -> Iterator[Violation]:
    """The registry moves within its region: to another group, subscription or name.

    Source: the article's note on redeployment; it may be intended.
    """
    location = evidence.request.target.location
    if normalise_location(evidence.source.location) == location:
        yield Violation(
            f"Source and target are both in {location}.",
            "Correct target.location if the registry is to change its region.",
            evidence.request.target_id,
        )


@check("blocker")
def target_group_being_deleted(evidence: Evidence) -> Iterator[Violation]:
    """The target's resource group is being deleted, with everything in it.

    Source: `ResourceGroupBeingDeleted`.
    """
    group = evidence.group
    if isinstance(group, TargetResourceGroup) and says(group.state, "Deleting"):
        yield Violation(
            f"Resource group {group.id.rsplit('/', 1)[-1]} is being deleted.",
            "Wait until it is gone (`az group wait --deleted`), or choose another target.resource_group.",
            group.id,
        )


@check("note")
def target_group_in_another_region(evidence: Evidence) -> Iterator[Violation]:
    """The target's resource group is in another region: if that region is down, the registry cannot be changed.

    Source: resource group location for metadata (learn.microsoft.com, manage resource groups).
    """
    group, location = evidence.group, evidence.request.target.location
    if isinstance(group, TargetResourceGroup) and normalise_location(group.location) not in {"", location}:
        yield Violation(
            f"Resource group {group.id.rsplit('/', 1)[-1]} is in {group.location}, the target in {location}.",
            f"Choose a target.resource_group in {location}: az group create -n NAME -l {location}",
            group.id,
        )


@check("warning")
def source_is_a_target(evidence: Evidence) -> Iterator[Violation]:
    """The source is the target of another relocation, which may not have ended.

    Source: the tag that every target carries.
    """
    plan = evidence.source.tags.get(PLAN_TAG)
    if plan:
        yield Violation(
            f"{evidence.source.name} is the target of relocation {plan}.",
            "See that it has ended before its target moves on, by its request: acr-relocate verify REQUEST",
            evidence.source.id,
        )


@check("warning")
def registry_is_changing(evidence: Evidence) -> Iterator[Violation]:
    """Source or target is being changed, or its creation failed: Azure refuses other changes until that ends.

    Source: 409 `AnotherOperationInProgress`.
    """
    for registry in (evidence.source, evidence.target):
        if not isinstance(registry, Registry):
            continue
        state = registry.properties.get("provisioningState", "Succeeded")
        if not says(state, "Succeeded"):
            yield Violation(
                f"{registry.name} is {state}.",
                f"Wait until it is Succeeded: az acr show --name {registry.name} --query provisioningState",
                registry.id,
            )


def _is_blank(target: Registry, evidence: Evidence) -> bool:
    content = evidence.target_content
    empty = isinstance(content, Content) and not content.repositories and not content.not_listed
    own = [child for child in target.children if not (is_system_scope_map(child) or is_home_replication(child, target))]
    return PLAN_TAG not in target.tags and empty and not own and not target.unread


def _cloud(region: str) -> str:
    name = normalise_location(region)
    if name.startswith(CHINA):
        return CHINA
    return "us government" if name.startswith(US_GOVERNMENT) else "public"
