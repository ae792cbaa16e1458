"""An Azure that lags and varies: what is right is waited for, what is refused has a name that tells what to do."""

import asyncio
import json

import pytest

from acr_relocate.azure.changes import cut_over
from acr_relocate.azure.client import arm, long_running
from acr_relocate.azure.content import listing
from acr_relocate.azure.content.push import push_manifest
from acr_relocate.azure.content.source_parts import bring_by_parts, explained
from acr_relocate.azure.resources import deployments, registries, vault_secrets
from acr_relocate.azure.resources.deployments import DeploymentScope
from acr_relocate.core import errors
from acr_relocate.core.content.import_plan import ImportItem
from acr_relocate.core.cut_over import ArmCall, CreateResource, CutOverAction, DoneWhen, Secret
from acr_relocate.core.request.selection import Selection
from acr_relocate.core.target.template import TargetTemplate
from local_azure.launcher import Emulator
from tests.contract.registry_factory import GROUP, OCI_INDEX, SUBSCRIPTION, RegistryFactory
from tests.contract.test_deployments import registry, template

PLACE = DeploymentScope(SUBSCRIPTION, GROUP, "lagging-deployment")
HERE = f"/subscriptions/{SUBSCRIPTION}"


def target(name: str) -> TargetTemplate:
    return TargetTemplate(template=template(registry(name)))


async def test_a_group_that_is_not_shown_yet_is_waited_for(factory: RegistryFactory, emulator: Emulator) -> None:
    """Fault made-not-shown: the group was just made, and the next front end has not heard of it."""
    place = DeploymentScope(SUBSCRIPTION, "lagging-group", "d")
    emulator.arm_fault("made-not-shown", path="/deployments/", times=3)

    await deployments.ensure_resource_group(factory.azure, SUBSCRIPTION, place.resource_group, "westeurope")
    await deployments.validate(factory.azure, place, target("contractlagging1"))

    assert emulator.faults()["made-not-shown"]["taken"] == 3


async def test_a_registry_that_is_not_shown_yet_is_waited_for(factory: RegistryFactory, emulator: Emulator) -> None:
    """After its deployment it is read, and it is no NotFound."""
    await factory.registry()
    emulator.arm_fault("made-not-shown", path="contractlagging2", method="GET", times=2)

    await deployments.deploy(factory.azure, PLACE, target("contractlagging2"), "")
    path = f"{HERE}/resourceGroups/{GROUP}/providers/Microsoft.ContainerRegistry/registries/contractlagging2"

    assert (await factory.azure.arm.get(path, "2025-11-01", doing="Reading"))["name"] == "contractlagging2"


async def test_what_stays_unknown_is_absent_in_the_end(factory: RegistryFactory, emulator: Emulator) -> None:
    """Somebody has deleted it: it is waited for, and then believed."""
    ref = await factory.registry()
    emulator.uproot(ref.resource_id)
    emulator.reset_stats()

    assert await registries.find_registry(factory.azure, ref) is None
    assert emulator.stats()["arm_reads"] > len(arm.NOT_YET_WAITS)


async def test_what_was_never_made_is_absent_at_once(factory: RegistryFactory, emulator: Emulator) -> None:
    """A missing child of a new registry is not waited for."""
    ref = await factory.registry()
    emulator.reset_stats()

    assert await factory.azure.arm.find(f"{ref.resource_id}/webhooks/none", "2025-11-01", doing="Looking") is None
    assert emulator.stats()["arm_reads"] == 1


@pytest.mark.parametrize("times", [2, "always"])
async def test_an_operation_that_is_forgotten_is_settled_by_the_target(
    factory: RegistryFactory, emulator: Emulator, times: object
) -> None:
    """Fault poll-unknown: for a while, or for good; then the resource itself tells how it went."""
    ref = await factory.registry()
    path = f"{ref.resource_id}/replications/northeurope"
    emulator.arm_fault("poll-unknown", times=times)

    made = await factory.azure.arm.put(path, "2025-11-01", {"location": "northeurope"}, doing="Replicating")
    await factory.azure.arm.delete(path, "2025-11-01", doing="Deleting the replica")

    assert made["properties"]["provisioningState"] == "Succeeded"
    assert await factory.azure.arm.find(path, "2025-11-01", doing="Looking") is None


async def test_an_import_that_is_forgotten_is_worth_a_look_at_the_target(
    factory: RegistryFactory, emulator: Emulator
) -> None:
    """It is retryable, and the next try asks the target first."""
    source, there = await factory.registry(), await factory.registry()
    digest = await factory.pushed(source).image("app", "1")
    emulator.arm_fault("poll-unknown", times="always")

    with pytest.raises(errors.OperationLost) as lost:
        await factory.bring(source, there, ImportItem(repository="app", digest=digest, tags=("1",)))

    assert errors.is_retryable(lost.value)


async def test_links_with_the_default_port_are_azures_own(factory: RegistryFactory, emulator: Emulator) -> None:
    """Fault default-port-in-links: operations and next pages."""
    emulator.arm_fault("default-port-in-links")
    ref = await factory.registry()

    await factory.azure.arm.put(
        f"{ref.resource_id}/replications/northeurope", "2025-11-01", {"location": "northeurope"}, doing="Replicating"
    )

    assert emulator.faults()["default-port-in-links"]["taken"] > 0


@pytest.mark.parametrize("host", ["management.azure.com:444", "management.azure.com.evil.example", "evil@x"])
async def test_another_port_is_a_stranger(factory: RegistryFactory, host: str) -> None:
    """Only the port that https has anyway is the same host."""
    started = long_running.ArmResponse(202, {"location": f"https://{host}/operation"})

    with pytest.raises(errors.RelocationError, match="is not Azure Resource Manager"):
        await factory.azure.arm.finished(started, doing="Waiting", resource="x")


@pytest.mark.parametrize("value", ["soon", "1, 1", "", "-3", "Wed, 21 Oct 2015 07:28:00"])
@pytest.mark.parametrize("plane", ["arm", "registry"])
async def test_an_odd_wait_stops_nothing(factory: RegistryFactory, emulator: Emulator, plane: str, value: str) -> None:
    """Fault odd-retry-after: neither number nor date, several at once, the past."""
    ref = await factory.registry()
    await factory.pushed(ref).image("app", "1")
    emulator.arm_fault("odd-retry-after", plane=plane, value=value.replace("1, 1", "0.01, 0.02"))

    await registries.read_registry(factory.azure, ref)
    found = await listing.list_content(factory.plane(ref), Selection())

    assert found.tag_count == 1
    assert emulator.faults()["odd-retry-after"]["taken"] == 1


async def test_our_own_active_deployment_is_followed(factory: RegistryFactory, emulator: Emulator) -> None:
    """Fault answer-lost: it was accepted, the answer was a 504, and sent again it is refused as DeploymentActive."""
    await factory.registry()
    emulator.arm_fault("answer-lost", method="PUT", path="/deployments/")

    await deployments.deploy(factory.azure, PLACE, target("contractlagging3"), "")

    found = await factory.azure.arm.get(PLACE.resource_id, "2025-04-01", doing="Reading the deployment")
    assert found["properties"]["provisioningState"] == "Succeeded"


async def test_an_active_deployment_that_is_held_is_followed_to_its_end(held_factory: RegistryFactory) -> None:
    """As after a kill: another process began it; ours waits for it and then confirms what is there."""
    azure, emulator = held_factory.azure, held_factory.emulator
    await deployments.ensure_resource_group(azure, SUBSCRIPTION, GROUP, "westeurope")
    body = {"properties": {"mode": "Incremental", "template": template(registry("contractheld"))}}
    await azure.arm.call("PUT", PLACE.resource_id, "2025-04-01", json=body, doing="Beginning")

    deploying = asyncio.create_task(deployments.deploy(azure, PLACE, target("contractheld"), ""))
    while not deploying.done():
        await asyncio.to_thread(emulator.release)
        await asyncio.sleep(0)
    await deploying


REFUSED = {
    "region-refused": (errors.RegionRefused, "region"),
    "second-factor": (errors.SecondFactorRequired, "second factor"),
    "deny-assignment": (errors.AccessDenied, "deny assignment"),
}


@pytest.mark.parametrize("fault", REFUSED)
async def test_a_refusal_has_its_own_remedy(factory: RegistryFactory, emulator: Emulator, fault: str) -> None:
    """Another role would help with none of them."""
    await factory.registry()
    emulator.arm_fault(fault, path="/deployments/")

    with pytest.raises(REFUSED[fault][0]) as refused:
        await deployments.validate(factory.azure, PLACE, target("contractrefused"))

    assert REFUSED[fault][1] in refused.value.remedy
    assert not errors.is_retryable(refused.value)


async def test_a_policy_on_groups_tells_to_make_the_group(factory: RegistryFactory, emulator: Emulator) -> None:
    """Fault policy-on-groups: with the tags that it wants, and run again."""
    emulator.arm_fault("policy-on-groups")

    with pytest.raises(errors.PolicyViolation) as refused:
        await deployments.ensure_resource_group(factory.azure, SUBSCRIPTION, "contract-tagless", "westeurope")

    assert "az group create --name contract-tagless" in refused.value.remedy


def giving_a_role(factory: RegistryFactory, scope: str) -> CutOverAction:
    """The role of somebody who held one at the source."""
    role = f"{HERE}/providers/Microsoft.Authorization/roleDefinitions/7f951dda-4ed3-4680-a7ca-43fe172d538d"
    path = f"{scope}/providers/Microsoft.Authorization/roleAssignments/0b6dd9f5-9a5a-4a3f-8f1b-3a54a2a7d0aa"
    told = {"roleDefinitionId": role, "principalId": "dead0000-0000-0000-0000-000000000001"}
    look = ArmCall(method="GET", path=path, api_version="2022-04-01")
    return CutOverAction(
        id=path,
        kind="role_assignment",
        subject="AcrPull for somebody",
        what="give somebody AcrPull",
        call=ArmCall(method="PUT", path=path, api_version="2022-04-01", body={"properties": told}),
        look=DoneWhen(call=look),
        effect=CreateResource(lacking_without="role AcrPull for dead0000-0000-0000-0000-000000000001"),
    )


async def test_the_role_of_somebody_who_is_gone_is_left_out(factory: RegistryFactory, emulator: Emulator) -> None:
    """Fault principal-not-found: an outcome with its reason, after one attempt."""
    ref = await factory.registry()
    emulator.arm_fault("principal-not-found", principal="dead0000")

    outcome = await cut_over.apply_action(factory.azure, giving_a_role(factory, ref.resource_id))

    assert (outcome.kind, outcome.explains) == ("skipped", "role AcrPull for dead0000-0000-0000-0000-000000000001")
    assert "not in the directory any more" in outcome.reason
    assert emulator.faults()["principal-not-found"]["taken"] == 1


async def test_a_role_that_is_not_assignable_there_is_left_to_a_person(factory: RegistryFactory) -> None:
    """An outcome with what to do; once that is done, a run gives it."""
    ref = await factory.registry()
    action = giving_a_role(factory, ref.resource_id)
    body = {"properties": action.call.body["properties"] | {"roleDefinitionId": f"{HERE}/x/roleDefinitions/custom"}}
    action = action.model_copy(update={"call": action.call.model_copy(update={"body": body})})

    outcome = await cut_over.apply_action(factory.azure, action)

    assert (outcome.kind, outcome.explains) == ("skipped", "")
    assert "assignableScopes" in outcome.reason


async def test_a_busy_cluster_is_asked_again(factory: RegistryFactory, emulator: Emulator) -> None:
    """Fault cluster-busy: code and message are read though nothing is around them, and it may go away."""
    await factory.registry()
    path = f"{HERE}/resourceGroups/{GROUP}/providers/Microsoft.ContainerService/managedClusters/busy"
    emulator.plant(path, location="westeurope", properties={})
    emulator.arm_fault("cluster-busy")

    with pytest.raises(errors.TemporaryFailure, match="Another operation is in progress") as busy:
        await factory.azure.arm.post(f"{path}/runCommand", "2024-05-01", {"command": "id"}, doing="Running")

    assert busy.value.code == "OperationNotAllowed"


async def test_a_vault_that_does_not_exist_is_named_at_once(factory: RegistryFactory) -> None:
    """It has no name in DNS, which is no reason to try for minutes."""
    secret = Secret(vault="novaultofthatname", name="x", tags={})

    with pytest.raises(errors.NotFound, match=r"novaultofthatname\.vault\.azure\.net") as missing:
        await vault_secrets.holds_secret(factory.azure, secret)

    assert "token_vault" in missing.value.remedy


async def test_what_is_lost_is_told_apart_from_what_is_late(factory: RegistryFactory) -> None:
    """A manifest that is gone at the source is broken; one that it shows is not, whatever the import says."""
    ref = await factory.registry()
    digest = await factory.pushed(ref).image("app", "1")
    plane, said = factory.plane(ref), errors.BrokenAtSource("Unable to find manifest digest")
    whole = ImportItem(repository="app", digest=digest)
    gone = ImportItem(repository="app", digest="sha256:" + "0" * 64)

    assert type(await explained(plane, gone, said)) is errors.BrokenAtSource
    assert type(await explained(plane, whole, said)) is errors.ImportRefused
    copying = errors.BlobCopyFailed("Error copying blobs")
    assert await explained(plane, whole, copying) is copying


async def test_an_index_that_is_too_large_arrives_by_its_parts(factory: RegistryFactory) -> None:
    """50 parts and the index are 51 manifests: refused as a whole, brought one by one, and then pushed."""
    source, there = await factory.registry(), await factory.registry()
    push = factory.pushed(source)
    parts = [await push.image("app", text=f"part {number}") for number in range(50)]
    index = await push.index("app", parts, "50")
    item = ImportItem(repository="app", digest=index, tags=("50",), media_type=OCI_INDEX)

    async def bring(one: ImportItem) -> None:
        await factory.bring(source, there, one)

    with pytest.raises(errors.TooManyManifests):
        await bring(item)
    await bring_by_parts(factory.plane(source), factory.plane(there), item, bring)

    assert await factory.plane(there).head_digest("app", "50") == index


async def test_a_listing_that_lags_shows_later_what_came_in(factory: RegistryFactory, emulator: Emulator) -> None:
    """Fault listing-lags: first without it, then with it; a pull finds it at any time."""
    ref = await factory.registry()
    await factory.pushed(ref).image("app", "old")
    emulator.arm_fault("listing-lags", listing="tags", times=1)
    digest = await factory.pushed(ref).image("app", "new", text="new")

    seen = [{tag["name"] async for tag in factory.plane(ref).tags("app")} for _ in range(2)]

    assert seen == [{"old"}, {"old", "new"}]
    assert await factory.plane(ref).head_digest("app", "new") == digest


async def test_a_count_that_drifts_is_said_and_stops_nothing(factory: RegistryFactory, emulator: Emulator) -> None:
    """Of a source, whose content may be broken; of a target it is an error."""
    ref = await factory.registry()
    await factory.pushed(ref).image("app", "1")
    emulator.arm_fault("count-drifts", repository="app")

    found = await listing.list_content(factory.plane(ref), Selection(), may_be_broken=True)

    assert found.repositories[0].unaccounted == "app has 2 manifests, 1 listed"
    with pytest.raises(errors.ListingIncomplete):
        await listing.list_content(factory.plane(ref), Selection())


async def test_a_listing_that_is_cut_is_never_taken_for_a_count_that_drifts(
    factory: RegistryFactory, emulator: Emulator
) -> None:
    """In another order it shows something else."""
    ref = await factory.registry()
    for text in ("a", "b", "c", "d", "e"):
        await factory.pushed(ref).image("app", text, text=text)
    emulator.arm_fault("truncate-catalogue", listing="tags", times="always")

    with pytest.raises(errors.ListingIncomplete, match="app has 5 tags, 2 listed"):
        await listing.list_content(factory.plane(ref), Selection(), may_be_broken=True)


async def test_a_build_cache_is_known_and_can_be_carried(factory: RegistryFactory) -> None:
    """It lists blobs; none of them is taken for a manifest that is missing."""
    source, there = await factory.registry(), await factory.registry()
    push = factory.pushed(source)
    layer, config = await push._blob("cache", b"layer" * 1000), await push._blob("cache", b"{}")
    kinds = ("application/vnd.oci.image.layer.v1.tar+gzip", "application/vnd.buildkit.cacheconfig.v0")
    entries = [{"mediaType": kind, **blob} for kind, blob in zip(kinds, (layer, config), strict=True)]
    body = {"schemaVersion": 2, "mediaType": OCI_INDEX, "manifests": entries}
    digest = await push.manifest("cache", body, "buildcache")

    found = await listing.list_content(factory.plane(source), Selection())
    [cache] = found.repositories[0].manifests
    item = ImportItem(repository="cache", digest=digest, tags=("buildcache",), pushed=True)
    await push_manifest(factory.plane(source), factory.plane(there), item)

    assert cache.is_build_cache
    assert cache.children == ()
    assert await factory.plane(there).head_digest("cache", "buildcache") == digest
    assert await factory.plane(there).blob_digest("cache", layer["digest"]) == layer["digest"]


async def test_a_page_that_is_no_listing_is_no_empty_one(factory: RegistryFactory) -> None:
    """Cut, or spoken by something in between."""
    for body in ({}, {"value": "x"}, {"value": [1]}):
        with pytest.raises(errors.UnexpectedAnswer):
            long_running.ArmResponse(200, {}, json.loads(json.dumps(body))).page("Listing", "x")
