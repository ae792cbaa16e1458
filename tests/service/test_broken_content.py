"""Content that is broken at the source, or cannot be given, stops nothing else; the request may go on without it."""

from collections.abc import AsyncIterator, Iterator

import pytest

from acr_relocate.azure.client.session import connection
from acr_relocate.core.errors import NotRelocated
from acr_relocate.core.report.report import Report
from flows.relocate import relocate_registry
from flows.verify import verify_relocation
from local_azure.launcher import Emulator, running
from tasks.runs.events import Event, observing
from tests.contract.registry_factory import Pusher
from tests.service.conftest import Move, make_move

SOURCE = (
    "/subscriptions/22222222-2222-2222-2222-222222222222/resourceGroups/contoso-west"
    "/providers/Microsoft.ContainerRegistry/registries/contosoregistry"
)
ROLES = "/providers/Microsoft.Authorization/roleAssignments"
PULL = "/subscriptions/22222222-2222-2222-2222-222222222222/providers/Microsoft.Authorization/roleDefinitions"


@pytest.fixture(scope="module", name="small_world")
def _small_world() -> Iterator[Emulator]:
    with running("empty") as emulator:
        yield emulator


@pytest.fixture(name="emulator")
def _emulator(small_world: Emulator, monkeypatch: pytest.MonkeyPatch) -> Iterator[Emulator]:
    for name, value in small_world.env.items():
        monkeypatch.setenv(name, value)
    yield small_world
    small_world.clear_faults()


@pytest.fixture(name="push")
async def _push(emulator: Emulator) -> AsyncIterator[Pusher]:
    async with connection() as azure:
        yield Pusher(azure.data_plane("contosoregistry.azurecr.io"))


async def broken_tag(emulator: Emulator, push: Pusher, repository: str) -> str:
    """A tag whose manifest is gone, beside one that is whole; its digest."""
    await push.image(repository, "whole")
    digest = await push.image(repository, "lost", text="lost")
    emulator.arm_fault("tags-outlive-manifest", repository=repository)
    token = await push._plane._tokens.access(f"repository:{repository}:delete")
    path, headers = f"/acr/v1/{repository}/_manifests/{digest}", {"Authorization": f"Bearer {token}"}
    reply = await push._plane._wire.send("DELETE", path, kind="writes", doing="Losing", headers=headers)
    assert reply.status == 202
    return digest


async def unfinished(move: Move) -> Report:
    """The report of a relocation that is not finished."""
    events: list[Event] = []
    with observing(events.append), pytest.raises(NotRelocated):
        await relocate_registry(move.request)
    return next(event for event in events if isinstance(event, Report))


async def test_a_tag_without_manifest_is_named_and_the_rest_moves(emulator: Emulator, push: Pusher) -> None:
    """Not finished unless the request accepts it; then the verdict and a later comparison go on."""
    await broken_tag(emulator, push, "tagless")
    move = make_move(emulator, ("tagless",))

    report = await unfinished(move)
    accepting = move.request.model_copy(update={"accept_broken": ["tagless:lost"]})
    accepted, verified = await relocate_registry(accepting), await verify_relocation(accepting)

    assert [(one.kind, one.accepted) for one in report.blocked] == [("tag_without_manifest", False)]
    assert list(move.contents()[1]["tagless"]["tags"]) == ["whole"]
    assert [(one.kind, one.accepted) for one in accepted.blocked] == [("tag_without_manifest", True)]
    assert (accepted.verdict, verified.verdict) == ("relocated", "equal")


async def test_a_count_that_drifts_stops_only_itself(emulator: Emulator, push: Pusher) -> None:
    """The repository moves as it is listed; what it counts beyond that is named."""
    await push.image("drifting", "1")
    emulator.arm_fault("count-drifts", registry="contosoregistry", repository="drifting")
    move = make_move(emulator, ("drifting",))

    report = await unfinished(move)
    accepted = await relocate_registry(move.request.model_copy(update={"accept_broken": ["*"]}))

    assert [one.kind for one in report.blocked] == ["count_drifts"]
    assert list(move.contents()[1]["drifting"]["tags"]) == ["1"]
    assert accepted.verdict == "relocated"


async def test_a_build_cache_stays_behind_or_is_carried(emulator: Emulator, push: Pusher) -> None:
    """Left out with a note; on request it arrives with its blobs."""
    await push.image("built", "1")
    layer, config = await push._blob("built", b"cached"), await push._blob("built", b"{}")
    kinds = ("application/vnd.oci.image.layer.v1.tar+gzip", "application/vnd.buildkit.cacheconfig.v0")
    entries = [{"mediaType": kind, **blob} for kind, blob in zip(kinds, (layer, config), strict=True)]
    index = {"schemaVersion": 2, "mediaType": "application/vnd.oci.image.index.v1+json", "manifests": entries}
    await push.manifest("built", index, "buildcache")
    move = make_move(emulator, ("built",))

    left = await relocate_registry(move.request)
    without = list(move.contents()[1]["built"]["tags"])
    selection = move.request.selection.model_copy(update={"build_caches": True})
    carried = await relocate_registry(move.request.model_copy(update={"selection": selection}))

    assert without == ["1"]
    assert "build_cache_left_out" in {finding.code for finding in left.findings}
    assert sorted(move.contents()[1]["built"]["tags"]) == ["1", "buildcache"]
    assert carried.verdict == "relocated"


async def test_an_index_of_fifty_parts_arrives(emulator: Emulator, push: Pusher) -> None:
    """Azure counts the index as well and refuses; one of 51 shares its parts."""
    parts = [await push.image("fifty", text=f"part {number}") for number in range(51)]
    await push.index("fifty", parts[:50], "n50")
    await push.index("fifty", parts, "n51")
    move = make_move(emulator, ("fifty",))

    report = await relocate_registry(move.request)

    assert report.verdict == "relocated"
    assert sorted(move.contents()[1]["fifty"]["tags"]) == ["n50", "n51"]


async def test_the_role_of_somebody_who_is_gone_holds_nothing_back(emulator: Emulator, push: Pusher) -> None:
    """One attempt, an outcome with its reason, and the relocation ends well."""
    await push.image("roles", "1")
    gone = "dead0000-0000-0000-0000-000000000001"
    properties = {"roleDefinitionId": f"{PULL}/7f951dda-4ed3-4680-a7ca-43fe172d538d", "principalId": gone}
    emulator.plant(
        f"{SOURCE}{ROLES}/11111111-1111-1111-1111-111111111111",
        type="Microsoft.Authorization/roleAssignments",
        properties=properties | {"principalType": "User", "scope": SOURCE},
    )
    emulator.arm_fault("principal-not-found", principal=gone)
    move = make_move(emulator, ("roles",))

    report = await relocate_registry(move.request)
    emulator.uproot(f"{SOURCE}{ROLES}/11111111-1111-1111-1111-111111111111")

    assert report.verdict == "relocated"
    assert [one.kind for one in report.cut_over if one.explains] == ["skipped"]
