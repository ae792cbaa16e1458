"""Differences planted in a relocated pair, one at a time: each is found, and nothing in a clean pair."""

import json
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from acr_relocate.azure.client.session import connection
from acr_relocate.azure.discovery import webhook_callbacks
from acr_relocate.azure.resources import deployments, registries
from acr_relocate.azure.resources.deployments import DeploymentScope
from acr_relocate.azure.resources.registries import webhook_callback
from acr_relocate.core.registry.inventory import Registry
from acr_relocate.core.registry.resource_ids import ResourceId
from acr_relocate.core.request.registry_refs import RegistryRef
from acr_relocate.core.target.as_code import registry_code
from acr_relocate.core.target.code_formats import to_arm, to_bicep
from acr_relocate.core.target.template import TargetTemplate, WebhookParameters
from acr_relocate.core.verification import compare_callbacks, not_asked
from local_azure.launcher import Emulator, running
from tests.contract.conftest import entered
from tests.contract.differences.registry import GATEWAY, HARMLESS, PLANTED, plant
from tests.contract.relocated_pair import REQUEST, SOURCE, THERE, Relocated, differences, look, plainly, relocate
from tests.support.bicep import compile_bicep

ENOUGH = 100
WRITTEN_BY_AZURE = {"lastUpdatedTime", "timestamp", "creationDate", "etag", "provisioningState"}


@pytest.fixture(scope="module", name="lifelike")
def _lifelike(ca_dir: Path) -> Iterator[Emulator]:
    """An emulator of their own, because each test starts from the same pair."""
    with running(seed="demo", ca_dir=ca_dir) as emulator, pytest.MonkeyPatch.context() as patch:
        yield from entered(emulator, patch)


@pytest_asyncio.fixture(scope="module", loop_scope="module", name="kept")
async def _kept(lifelike: Emulator, ca_dir: Path) -> AsyncIterator[Relocated]:
    """The pair, relocated once, with one connection for all tests."""
    async with connection() as azure:
        yield await relocate(lifelike, azure, ca_dir / "pair.json")


@pytest.fixture(name="pair")
def _pair(kept: Relocated, ca_dir: Path) -> Relocated:
    """The pair, as it was."""
    kept.emulator.load(ca_dir / "pair.json")
    kept.emulator.reset_stats()
    return kept


@pytest.mark.asyncio(loop_scope="module")
async def test_nothing_is_found_in_a_clean_pair(pair: Relocated) -> None:
    """Also where every blob is read; and looking writes nothing."""
    assert await differences(pair, blobs_too=True, source_too=True) == ()
    assert pair.emulator.stats()["writes"] == []


@pytest.mark.asyncio(loop_scope="module")
@pytest.mark.parametrize("which", [REQUEST.source, THERE], ids=["source", "target"])
@pytest.mark.parametrize("language", ["arm", "bicep"])
async def test_a_registry_deployed_from_its_own_code_stays_as_it_is(
    pair: Relocated, which: RegistryRef, language: str
) -> None:
    """Azure's what-if says so of each resource; of a webhook it cannot, because it does not show its address.

    Then it is deployed, with the addresses of its webhooks, and all of it is as before.
    """
    registry = await registries.read_registry(pair.azure, which)
    addresses = await callbacks(pair, registry)
    code = registry_code(registry, REQUEST)
    webhooks = [
        WebhookParameters(webhook=one.name, **{field: next(names) for field in ("service_uri", "custom_headers")})
        for one in code.resources
        if (names := (parameter.name for parameter in one.parameters)) and one.type.endswith("/webhooks")
    ]
    place = DeploymentScope(registry.subscription_id, which.resource_group, "as-it-is")
    group = ResourceId(registry.id).group_id
    text = json.loads(to_arm(code)) if language == "arm" else compile_bicep(to_bicep(code), group)
    template = TargetTemplate(template=text, webhooks=tuple(webhooks))

    foretold = await deployments.what_if(pair.azure, place, template)
    await deployments.deploy(pair.azure, place, template, registry.id)

    assert lasting(await registries.read_registry(pair.azure, which)) == lasting(registry)
    assert await callbacks(pair, registry) == addresses
    assert foretold == {one.id: "Modify" if any(one.parameters) else "NoChange" for one in code.resources}


def lasting(registry: Registry) -> Any:
    """The registry without dates and etags, and without the identity of its credential set, which was planted."""
    kept = [
        one.model_copy(update={"identity": None}) if one.kind == "credentialSets" else one for one in registry.children
    ]
    return _lasting(registry.model_copy(update={"children": tuple(kept)}).model_dump(mode="json"))


def _lasting(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _lasting(inner) for name, inner in value.items() if name not in WRITTEN_BY_AZURE}
    return [_lasting(one) for one in value] if isinstance(value, list) else value


async def callbacks(pair: Relocated, registry: Registry) -> dict[str, Any]:
    """The address and the headers of each webhook, which Azure tells only when it is asked for them."""
    names = [one.name for one in registry.children_of("webhooks")]
    return {name: await webhook_callback(pair.azure, registry.id, name) for name in names}


@pytest.mark.asyncio(loop_scope="module")
@pytest.mark.parametrize("what", PLANTED)
async def test_a_planted_difference_is_found(what: str, pair: Relocated) -> None:
    """Of the right kind, by name, with a cause and a remedy; and nothing is found twice."""
    expected = PLANTED[what]
    await plant(pair, expected.plant)

    found = await differences(pair, blobs_too=expected.where == "blobs", source_too=expected.where == "source")

    assert [one for one in found if one.kind == expected.kind and expected.names in one.message]
    assert len({(one.kind, one.repository, one.subject) for one in found}) == len(found)
    assert all(one.cause and one.remedy for one in found)


@pytest.mark.asyncio(loop_scope="module")
@pytest.mark.parametrize("what", HARMLESS)
async def test_what_azure_writes_in_another_way_is_no_difference(what: str, pair: Relocated) -> None:
    """Spelling, order, defaults, and what is there besides."""
    how, where = HARMLESS[what]
    await plant(pair, how)

    assert await differences(pair, source_too=where == "source") == ()


@pytest.mark.asyncio(loop_scope="module")
async def test_what_cannot_be_pulled_is_not_said_to_refer_to_nothing(pair: Relocated) -> None:
    """A lock is one difference: the subject of a manifest is in its body, which is unreadable then."""
    await pair.lock(GATEWAY, read_enabled=False)

    assert [one.kind for one in await differences(pair)] == ["attributes"]


@pytest.mark.asyncio(loop_scope="module")
async def test_two_registries_are_compared_without_a_request(pair: Relocated) -> None:
    """Place is no difference: region, private endpoint, logs. Network rules are one."""
    found = [one.subject for one in await plainly(pair)]
    pair.emulator.uproot(pair.role("7f951dda-4ed3-4680-a7ca-43fe172d538d"))
    pair.force("webhooks/deployfrontend", status="disabled")

    more = [one.subject for one in await plainly(pair) if one.subject not in found]

    assert found == ["networkRuleSet.virtualNetworkRules", "tasks/build-frontend"]
    assert [one.split(" for ")[0] for one in more] == ["webhooks/deployfrontend.status", "role AcrPull"]


@pytest.mark.asyncio(loop_scope="module")
async def test_who_may_not_ask_where_webhooks_call_is_told_so(pair: Relocated) -> None:
    """It is no difference, and not taken for equality either: the result says that it was not compared."""
    pair.emulator.plant(f"{SOURCE}/providers/Microsoft.Authorization/locks/frozen", properties={"level": "ReadOnly"})
    target = await look(pair.azure, THERE, REQUEST)

    called = await webhook_callbacks.read_callbacks(pair.azure, pair.source.registry, target.registry)

    assert compare_callbacks("a", "b", called) == ()
    assert not_asked(called).startswith("; the addresses of the webhooks were not compared: ")


@pytest.mark.asyncio(loop_scope="module")
async def test_a_hundred_tags_more_cost_no_request_more(pair: Relocated) -> None:
    """Content is compared at the cost of its listings: by the page, never by the tag."""
    push = pair.push(pair.there)
    await push.image(GATEWAY, "more", text="more")
    pair.emulator.reset_stats()
    await differences(pair)
    before = reads(pair)
    await push.image(GATEWAY, *(f"more-{number}" for number in range(100)), text="more")
    pair.emulator.reset_stats()

    found = await differences(pair)

    assert [one.kind for one in found].count("extra") == 102  # the image, and its tags
    assert reads(pair) == before


def reads(pair: Relocated) -> int:
    """How often the target's content was asked for something."""
    routes = pair.emulator.stats()["routes"]
    asked = [
        count for route, count in routes.items() if route.startswith("GET") and ("/acr/v1/" in route or "/v2/" in route)
    ]
    return sum(asked)


def test_the_page_has_each_of_them() -> None:
    """It tells how many differences were tried."""
    page = (Path(__file__).parents[2] / "docs" / "reference" / "planted-differences.md").read_text()

    assert [what for what, expected in PLANTED.items() if f"| {what} | {expected.kind} |" not in page] == []
    assert f"{len(PLANTED)} planted differences" in page


def test_there_are_enough_of_them() -> None:
    """Of content, settings, children, network, dependents and mentions."""
    kinds = {"tag", "manifest", "child", "referrer", "repository", "blob", "attributes", "setting", "network"}

    assert len(PLANTED) >= ENOUGH
    assert {expected.kind for expected in PLANTED.values()} == {*kinds, "dependent", "mention", "extra"}
