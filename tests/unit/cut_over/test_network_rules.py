"""Subnets are let into the target by the cut-over, once the imports are done."""

from typing import Any

import pytest

from acr_relocate.core.cut_over import CutOverAction, build_cut_over, is_satisfied
from acr_relocate.core.dependencies import Surroundings, build_map
from acr_relocate.core.registry.api_versions import choose_api_versions
from acr_relocate.core.verification import compare_settings, unclean
from tests.support.builders import registry, request
from tests.support.surroundings import SUBNET, TARGET

NORTH = SUBNET.replace("/vnet/", "/vnet-north/")
ADDRESS = {"action": "Allow", "value": "203.0.113.0/24"}
SOURCE = registry(
    properties={
        "networkRuleSet": {
            "defaultAction": "Deny",
            "ipRules": [ADDRESS],
            "virtualNetworkRules": [{"action": "Allow", "virtualNetworkSubnetResourceId": SUBNET}],
        }
    }
)
MAPPED = request(subnets={SUBNET: NORTH})


def action(source: Any = SOURCE, asked: Any = MAPPED) -> CutOverAction:
    [found] = build_cut_over(source, Surroundings(), asked).actions
    return found


def there(*subnets: str) -> dict[str, Any]:
    rules = [{"action": "Allow", "virtualNetworkSubnetResourceId": one} for one in subnets]
    return {"properties": {"networkRuleSet": {"defaultAction": "Deny", "virtualNetworkRules": rules}}}


def test_all_rules_are_sent() -> None:
    """Azure replaces them as a whole: the addresses stay, and the way back takes the subnets alone away."""
    update = action()
    [undo] = update.undo

    assert (update.call.method, update.call.path, update.wave) == ("PATCH", TARGET, 0)
    assert update.call.body["properties"]["networkRuleSet"] == {
        "defaultAction": "Deny",
        "ipRules": [ADDRESS],
        "virtualNetworkRules": [{"action": "Allow", "virtualNetworkSubnetResourceId": NORTH}],
    }
    assert undo.body["properties"]["networkRuleSet"] == {
        "defaultAction": "Deny",
        "ipRules": [ADDRESS],
        "virtualNetworkRules": [],
    }


def test_it_is_done_when_the_subnets_are_let_in() -> None:
    """In whatever spelling."""
    assert is_satisfied(action().look, there(NORTH.upper()))
    assert not is_satisfied(action().look, there(SUBNET))


@pytest.mark.parametrize(
    ("offered", "version"),
    [((), "2026-03-01-preview"), (("2026-11-01", "2026-03-01-preview"), "2026-11-01")],
)
def test_the_version_has_such_rules(offered: tuple[str, ...], version: str) -> None:
    """The stable one where it has them, else a preview."""
    source = SOURCE.model_copy(update={"api_versions": choose_api_versions(offered)})

    assert action(source).call.api_version == version


def test_without_a_subnet_of_the_target_nothing_is_done() -> None:
    """The plan asks for one."""
    assert build_cut_over(SOURCE, Surroundings(), request()).actions == ()


def test_the_map_says_when() -> None:
    """The plan tells its reader that the target lets no subnet in before the cut-over."""
    [rule] = [one for one in build_map(SOURCE, Surroundings(), MAPPED).dependencies if one.kind == "subnet_rule"]

    assert rule.action.startswith("the cut-over allows vnet-north/apps instead")
    assert not rule.manual


def test_the_rules_are_compared_when_the_cut_over_is_done() -> None:
    """Before it they count neither way, afterwards a target without them differs."""
    deployed = registry(
        "contosoregistryne", properties={"networkRuleSet": {"defaultAction": "Deny", "ipRules": [ADDRESS]}}
    )
    waiting = {"networkRuleSet": {"virtualNetworkRules": [{"virtualNetworkSubnetResourceId": NORTH}]}}

    before = compare_settings(SOURCE, deployed, MAPPED, waiting)
    after = compare_settings(SOURCE, deployed, MAPPED)

    assert {one.subject for one in unclean(after)} - {one.subject for one in unclean(before)} == {
        "networkRuleSet.virtualNetworkRules"
    }
