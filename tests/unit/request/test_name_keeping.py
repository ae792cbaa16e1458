"""`target: {name: same}`: two hops over an intermediate registry, of everything as it is."""

from typing import Any

import pytest

from acr_relocate.core.errors import InvalidRequest
from acr_relocate.core.request.identity import relocation_id
from acr_relocate.core.request.relocation import RelocationRequest, parse_request
from acr_relocate.core.request.second_hop import second_hop
from tests.support.builders import SUBSCRIPTION

SOURCE = {"name": "contosoregistry", "resource_group": "contoso-west", "subscription_id": SUBSCRIPTION}

NETWORK = f"/subscriptions/{SUBSCRIPTION}/resourceGroups/g/providers/Microsoft.Network"
ENDPOINT = f"{NETWORK}/privateEndpoints/pe"
TWO = {"sources": [{"registry": {"name": name}, "prefix": name} for name in ("contosoregistry", "otherregistry")]}


def parsed(target: dict[str, str] | None = None, **fields: Any) -> RelocationRequest:
    """The request that keeps the name."""
    there = {"name": "same", "location": "North Europe", "resource_group": "contoso-west"} | (target or {})
    return parse_request({"source": SOURCE, "target": there, **fields})


def test_the_first_hop_leads_to_an_intermediate_registry() -> None:
    """Every flow understands it as a relocation: its name is legal, and the same on every machine."""
    request = parsed()

    assert request.keeps_name
    assert request.target.name == request.target.intermediate == "contosoregistryx72422a"
    assert parse_request(request.model_dump(mode="json")) == request


def test_the_longest_name_has_an_intermediate_registry_too() -> None:
    """Azure takes 50 letters."""
    request = parse_request({"source": {"name": "a" * 50}, "target": {"name": "same", "location": "northeurope"}})

    assert len(request.target.name) == 50


def test_the_intermediate_registry_can_be_named() -> None:
    """A policy of names may want that."""
    assert parsed({"intermediate": "contosohalfway"}).target.name == "contosohalfway"


def test_the_second_hop_leads_back_to_the_name() -> None:
    """From the intermediate registry, in the target's region, without what the request corrected for the first hop."""
    request = parsed(subnets={_subnet("west"): _subnet("north")}, approvals=["before_deploy"], via_replica=True)
    back = second_hop(request)

    assert not back.via_replica
    assert back.source.resource_id == request.target_id
    assert (back.target.name, back.target.location) == ("contosoregistry", "northeurope")
    assert back.target_id == request.source.resource_id
    assert not back.keeps_name
    assert (back.subnets, back.approvals) == ({}, ["before_delete"])
    assert relocation_id(back) != relocation_id(request)
    assert parse_request(back.model_dump(mode="json")) == back


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("selection", {"tags": ["v1"]}),
        ("selection", {"repositories": ["team/*"]}),
        ("selection", {"exclude_referrer_types": ["application/x"]}),
        ("rename", {"a": "b"}),
        ("consolidation", TWO),
        ("content", False),
        ("cut_over", False),
        ("delete_source", True),
        ("switch", {"enabled": True}),
        ("template", {"path": "t.json", "sha256": "0" * 64}),
        ("static_addresses", {ENDPOINT: {}}),
    ],
)
def test_everything_is_moved_as_it_is(field: str, value: object) -> None:
    """The source is deleted while consumers still name it, so nothing may be left out or called otherwise."""
    with pytest.raises(InvalidRequest, match=f"moves everything as it is, so leave out {field}"):
        parsed(**{field: value})


def test_hidden_repositories_can_be_named_beside_all_others() -> None:
    """The catalogue does not show them, so a star alone does not select them."""
    assert parsed(selection={"repositories": ["*", "hidden/one"]}).keeps_name


def test_an_intermediate_registry_needs_the_name_same() -> None:
    """Without it the field would be ignored."""
    with pytest.raises(InvalidRequest, match=r"is for target\.name: same"):
        parsed({"name": "contosoregistryne", "intermediate": "contosohalfway"})


def test_the_sources_own_name_says_how_to_keep_it() -> None:
    """A person who types the name means `same`."""
    with pytest.raises(InvalidRequest, match="To keep the name: same"):
        parsed({"name": "contosoregistry"})


def _subnet(name: str) -> str:
    return f"{NETWORK}/virtualNetworks/{name}/subnets/apps"
