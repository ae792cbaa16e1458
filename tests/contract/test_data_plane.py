"""A registry's content: listed to the last item or not at all; looked up as present, absent or unknown."""

import pytest

from acr_relocate.azure.client.registry_api import DataPlane
from acr_relocate.azure.content.listing import list_content
from acr_relocate.core import errors
from acr_relocate.core.registry.inventory import Attributes, Content
from acr_relocate.core.request.registry_refs import RegistryRef
from acr_relocate.core.request.selection import Selection
from local_azure.launcher import Emulator
from tests.contract.registry_factory import RegistryFactory

EVERYTHING = Selection()
OWNER = "44444444-4444-4444-4444-444444444444"
REPOSITORY_READER = "b93aa761-3e63-49ed-ac28-beffa264f7ac"
CATALOGUE_LISTER = "bfdb9389-c9a5-478a-bb2f-ba9ca092c3c7"


async def listing(factory: RegistryFactory, ref: RegistryRef) -> Content:
    return await list_content(factory.plane(ref), EVERYTHING)


async def test_everything_is_listed(factory: RegistryFactory) -> None:
    """Nested names, several tags on one digest, an index with its children, untagged manifests, referrers of both."""
    ref = await factory.registry()
    push = factory.pushed(ref)
    image = await push.image("app/web", "1.0", "1", "latest", text="web")
    platforms = [await push.image("app/multi", text=text) for text in ("amd64", "arm64")]
    index = await push.index("app/multi", platforms, "2.0")
    untagged = await push.image("app/web", text="older web")
    signature = await push.referrer("app/multi", platforms[1])
    of_signature = await push.referrer("app/multi", signature)

    content = await listing(factory, ref)

    web, multi = sorted(content.repositories, key=lambda repository: repository.name, reverse=True)
    assert {tag.name: tag.digest for tag in web.tags} == dict.fromkeys(("1.0", "1", "latest"), image)
    assert {manifest.digest for manifest in web.manifests} == {image, untagged}
    found = {manifest.digest: manifest for manifest in multi.manifests}
    assert found.keys() == {*platforms, index, signature, of_signature}
    assert set(found[index].children) == set(platforms)
    assert found[signature].subject == platforms[1]
    assert found[signature].artifact_type == "application/vnd.example.sbom"
    assert found[of_signature].subject == signature


async def test_an_empty_registry_is_empty(factory: RegistryFactory) -> None:
    """A registry without repositories is no error."""
    assert (await listing(factory, await factory.registry())).repositories == ()


async def test_only_selected_repositories_are_listed(factory: RegistryFactory) -> None:
    """Patterns choose; the others are not even read."""
    ref = await factory.registry()
    for name in ("team-a/app", "team-b/app"):
        await factory.pushed(ref).image(name, "1")

    content = await list_content(factory.plane(ref), Selection(repositories=["team-a/*"]))

    assert [repository.name for repository in content.repositories] == ["team-a/app"]


@pytest.mark.parametrize("locked", ["repository", "manifest"])
async def test_what_may_not_be_read_is_listed_all_the_same(factory: RegistryFactory, locked: str) -> None:
    """One unreadable index does not prevent listing the rest; it is listed with its lock."""
    ref = await factory.registry()
    push = factory.pushed(ref)
    child = await push.image("app", text="child")
    index = await push.index("app", [child], "1")
    reference = index if locked == "manifest" else ""
    await factory.plane(ref).set_attributes("app", reference, Attributes(read_enabled=False))

    (repository,) = (await listing(factory, ref)).repositories

    assert {manifest.digest for manifest in repository.manifests} == {child, index}
    held = {manifest.digest: manifest for manifest in repository.manifests}[index].attributes
    assert (held if locked == "manifest" else repository.attributes) == Attributes(read_enabled=False)


async def test_a_repository_that_hides_is_listed_if_it_is_named(factory: RegistryFactory) -> None:
    """The catalogue omits it, so only its full name finds it; an unknown name finds nothing."""
    ref = await factory.registry()
    await factory.pushed(ref).image("hidden", "1")
    await factory.plane(ref).set_attributes("hidden", "", Attributes(list_enabled=False))

    found = await list_content(factory.plane(ref), Selection(repositories=["hidden", "hidde", "h*"]))

    assert [repository.name for repository in found.repositories] == ["hidden"]
    assert (await listing(factory, ref)).repositories == ()


async def test_progress_is_told(factory: RegistryFactory) -> None:
    """A listing of a big registry reports its progress."""
    ref = await factory.registry()
    for name in ("one", "two"):
        await factory.pushed(ref).image(name, "1")
    seen: list[tuple[int, int]] = []

    await list_content(factory.plane(ref), EVERYTHING, lambda done, total: seen.append((done, total)))

    assert seen == [(1, 2), (2, 2)]


@pytest.fixture(name="small_pages")
def _small_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("acr_relocate.azure.client.registry_paths.LISTED_AT_ONCE", 2)


@pytest.mark.usefixtures("small_pages")
async def test_pages_are_followed_to_the_end(factory: RegistryFactory) -> None:
    """More repositories, tags and manifests than a page holds."""
    ref = await factory.registry()
    for name in ("a", "b", "c", "d", "e"):
        await factory.pushed(ref).image(name, "1", "2", "3", text=name)
    for text in ("x", "y", "z"):
        await factory.pushed(ref).image("e", text=text)

    content = await listing(factory, ref)

    assert [repository.name for repository in content.repositories] == ["a", "b", "c", "d", "e"]
    assert (content.tag_count, content.manifest_count) == (15, 8)


@pytest.mark.usefixtures("small_pages")
async def test_a_truncated_catalogue_is_read_on(factory: RegistryFactory, emulator: Emulator) -> None:
    """Fault truncate-catalogue: a page that looks like the last one is not taken for the end."""
    ref = await factory.registry()
    for name in ("a", "b", "c", "d", "e"):
        await factory.pushed(ref).image(name, "1")
    emulator.arm_fault("truncate-catalogue", listing="catalogue")

    content = await listing(factory, ref)

    assert len(content.repositories) == 5
    assert emulator.faults()["truncate-catalogue"]["taken"] == 1


@pytest.mark.parametrize("what", ["tags", "manifests"])
async def test_a_truncated_repository_is_read_again(factory: RegistryFactory, emulator: Emulator, what: str) -> None:
    """Fault truncate-catalogue on a repository's listing: its counts disagree, so it is listed again."""
    ref = await factory.registry()
    for text in ("a", "b", "c", "d", "e"):
        await factory.pushed(ref).image("app", text, text=text)
    emulator.arm_fault("truncate-catalogue", listing=what)

    content = await listing(factory, ref)

    assert (content.tag_count, content.manifest_count) == (5, 5)


async def test_a_repository_that_stays_truncated_is_incomplete(factory: RegistryFactory, emulator: Emulator) -> None:
    """Fault truncate-catalogue for ever: an error that names repository and numbers, never a part as the whole."""
    ref = await factory.registry()
    for text in ("a", "b", "c", "d", "e"):
        await factory.pushed(ref).image("app", text, text=text)
    emulator.arm_fault("truncate-catalogue", listing="tags", times="always")

    with pytest.raises(errors.ListingIncomplete, match="app has 5 tags, 2 listed"):
        await listing(factory, ref)


async def test_attributes_are_set_and_listed(factory: RegistryFactory) -> None:
    """Repository, tag and manifest are locked each on its own."""
    ref = await factory.registry()
    digest = await factory.pushed(ref).image("app", "1")
    locked = Attributes(delete_enabled=False, write_enabled=False)
    for reference in ("1", digest, ""):
        await factory.plane(ref).set_attributes("app", reference, locked)

    app = (await listing(factory, ref)).repositories[0]

    assert app.attributes == app.tags[0].attributes == app.manifests[0].attributes == locked


async def test_attributes_of_what_does_not_exist_are_an_error(factory: RegistryFactory) -> None:
    """Nothing is locked, and the caller hears of it."""
    ref = await factory.registry()
    await factory.pushed(ref).image("app", "1")

    with pytest.raises(errors.NotFound):
        await factory.plane(ref).set_attributes("app", "2", Attributes())


async def test_a_hidden_tag_makes_the_listing_incomplete(factory: RegistryFactory) -> None:
    """With listEnabled=false the registry counts a tag that it does not list: an error with a remedy, not a loss."""
    ref = await factory.registry()
    await factory.pushed(ref).image("app", "1", "2")
    await factory.plane(ref).set_attributes("app", "2", Attributes(list_enabled=False))

    with pytest.raises(errors.ListingIncomplete, match="listEnabled"):
        await listing(factory, ref)


async def test_a_digest_is_present_or_absent(factory: RegistryFactory) -> None:
    """By tag and by digest; an unknown tag and an unknown repository are absent."""
    ref = await factory.registry()
    digest = await factory.pushed(ref).image("app", "1")
    plane = factory.plane(ref)

    assert await plane.head_digest("app", "1") == await plane.head_digest("app", digest) == digest
    assert await plane.head_digest("app", "2") is None
    assert await plane.head_digest("other", "1") is None


async def test_a_registry_behind_its_firewall_is_unknown_and_not_empty(factory: RegistryFactory) -> None:
    """403 DENIED is an error that says where to run from."""
    ref = await factory.registry()
    await factory.pushed(ref).image("app", "1")
    body = {"properties": {"publicNetworkAccess": "Disabled"}}
    await factory.azure.arm.patch(ref.resource_id, "2025-11-01", body, doing="Closing the registry")

    with pytest.raises(errors.NetworkDenied, match="network"):
        await listing(factory, ref)


async def test_referrers_are_found(factory: RegistryFactory) -> None:
    """The registry itself lists the referrers of an image."""
    ref = await factory.registry()
    image = await factory.pushed(ref).image("app", "1")
    signature = await factory.pushed(ref).referrer("app", image)

    assert [entry["digest"] for entry in await factory.plane(ref).referrers("app", image)] == [signature]


async def test_throttled_referrers_are_waited_for(factory: RegistryFactory, emulator: Emulator) -> None:
    """Fault throttle-referrers: 429 is never taken for "none"."""
    ref = await factory.registry()
    image = await factory.pushed(ref).image("app", "1")
    await factory.pushed(ref).referrer("app", image)
    emulator.arm_fault("throttle-referrers", retry_after=0.02)

    assert len(await factory.plane(ref).referrers("app", image)) == 1
    assert factory.azure.budgets.refusals == 3


async def test_throttling_without_end_is_an_error_and_not_absence(factory: RegistryFactory, emulator: Emulator) -> None:
    """Fault throttle-referrers for ever: Throttled, with Azure's Retry-After."""
    ref = await factory.registry()
    image = await factory.pushed(ref).image("app", "1")
    emulator.arm_fault("throttle-referrers", retry_after=0.02, times="always")

    with pytest.raises(errors.Throttled) as caught:
        await factory.plane(ref).referrers("app", image)

    assert caught.value.retry_after == pytest.approx(0.02)


async def test_throttled_sign_in_is_waited_for(factory: RegistryFactory, emulator: Emulator) -> None:
    """Fault throttle-oauth: the token endpoints refuse a few times; the listing does not notice."""
    ref = await factory.registry()
    emulator.arm_fault("throttle-oauth", retry_after=0.02)

    assert (await listing(factory, ref)).repositories == ()


async def test_one_token_per_scope_however_many_ask(factory: RegistryFactory, emulator: Emulator) -> None:
    """Listing ten repositories signs in once, and asks for one token for the catalogue and one for each repository."""
    ref = await factory.registry()
    for number in range(10):
        await factory.pushed(ref).image(f"app{number}", "1")
    factory.azure._data_planes.clear()
    emulator.reset_stats()

    await listing(factory, ref)

    routes = emulator.stats()["routes"]
    assert routes["POST /oauth2/exchange"] == 1
    assert routes["POST /oauth2/token"] == 11


async def test_a_repository_costs_three_reads_and_a_plain_image_none(
    factory: RegistryFactory, emulator: Emulator
) -> None:
    """Reads grow with repositories and pages, not with tags: only indexes and possible referrers are opened."""
    ref = await factory.registry()
    for number in range(20):
        await factory.pushed(ref).image(
            "app", f"{number}", f"{number}-latest", text=f"{number}", docker=number % 2 == 0
        )
    emulator.reset_stats()

    await listing(factory, ref)

    reads = sum(count for route, count in emulator.stats()["routes"].items() if route.startswith("GET"))
    assert reads == 5  # the catalogue and its end; the repository, its tags, its manifests


async def test_a_token_that_is_not_accepted_is_renewed_once(factory: RegistryFactory) -> None:
    """A 401 sends us back to Entra ID, then on."""
    ref = await factory.registry()
    digest = await factory.pushed(ref).image("app", "1")
    plane = factory.plane(ref)
    await plane.head_digest("app", "1")
    spoil(plane)

    assert await plane.head_digest("app", "1") == digest


def spoil(plane: DataPlane) -> None:
    """Every token held is one that the registry does not know."""
    held = plane._tokens._held
    for scope, token in held.items():
        held[scope] = type(token)(value="eyJhbGciOiJub25lIn0.e30.", until=token.until)


async def test_a_cut_connection_is_tried_again(factory: RegistryFactory, emulator: Emulator) -> None:
    """Fault cut-connection on the registry: one lost answer is not noticed."""
    ref = await factory.registry()
    await factory.pushed(ref).image("app", "1")
    emulator.arm_fault("cut-connection", plane="registry")

    assert (await listing(factory, ref)).tag_count == 1
    assert emulator.faults()["cut-connection"]["taken"] == 1


async def test_connections_cut_for_ever_are_a_temporary_failure(factory: RegistryFactory, emulator: Emulator) -> None:
    """The caller hears what could not be read, and that it may be tried again."""
    ref = await factory.registry()
    emulator.arm_fault("cut-connection", plane="registry", times="always")

    with pytest.raises(errors.TemporaryFailure, match=ref.name):
        await listing(factory, ref)


async def test_a_registry_whose_name_is_not_in_dns_yet_is_temporary(
    factory: RegistryFactory, emulator: Emulator
) -> None:
    """Fault dns-not-yet: a fresh registry cannot be resolved for a while; then it can."""
    emulator.arm_fault("dns-not-yet", times="always")
    ref = await factory.registry()

    with pytest.raises(errors.TemporaryFailure):
        await listing(factory, ref)

    emulator.clear_faults()
    assert (await listing(factory, ref)).repositories == ()


async def test_without_a_role_the_content_is_unknown(factory: RegistryFactory) -> None:
    """In ABAC mode not even an owner sees content: AccessDenied with the roles to ask for, not an empty registry."""
    ref = await factory.registry(roleAssignmentMode="AbacRepositoryPermissions")

    with pytest.raises(errors.AccessDenied, match="Catalog Lister"):
        await listing(factory, ref)


async def test_a_role_that_is_not_propagated_yet_works_later(factory: RegistryFactory, emulator: Emulator) -> None:
    """Fault role-not-propagated: AccessDenied until the registry has heard of the assignment; then it is all there."""
    ref = await factory.registry(roleAssignmentMode="AbacRepositoryPermissions")
    emulator.arm_fault("role-not-propagated", times=2)
    for role in (REPOSITORY_READER, CATALOGUE_LISTER):
        await factory.grant(ref, role, OWNER)

    with pytest.raises(errors.AccessDenied):
        await listing(factory, ref)

    assert (await listing(factory, ref)).repositories == ()


async def test_an_odd_manifest_stops_nothing_but_itself(factory: RegistryFactory) -> None:
    """A registry takes an empty layer, and a kind that is no text; anybody who may push has pushed it."""
    ref = await factory.registry()
    push = factory.pushed(ref)
    signed = await push.image("app", "1", text="plain")
    referrer = await push.referrer("app", signed)
    body = await factory.plane(ref).manifest("app", referrer) or {}
    odd = [await push.manifest("app", body | more) for more in ({"artifactType": 5}, {"layers": [None]})]

    [listed] = (await listing(factory, ref)).repositories

    assert {one.digest: one.subject for one in listed.manifests} == {signed: None} | dict.fromkeys(
        (referrer, *odd), signed
    )
