"""Fixed addresses of private endpoints: what the plan proposes, and what the template then says."""

from typing import Any

from acr_relocate.core.checks import PREFLIGHT, evaluate
from acr_relocate.core.evidence.azure_facts import AddressSpace
from acr_relocate.core.evidence.evidence import Evidence
from acr_relocate.core.target.template import build_template
from tests.check_cases.evidence import ENDPOINT, GIVEN, NORTH, TAKEN, fixed


def remedy(evidence: Evidence) -> str:
    """Return the text for the request, of the one blocker."""
    (found,) = [one for one in evaluate(PREFLIGHT, evidence) if one.severity == "blocker"]
    return found.remedy.partition("\nOr ")[0]


def test_the_same_host_of_the_targets_subnet_is_proposed() -> None:
    """Addresses that were not fixed are filled in by a person: the field can be pasted."""
    assert remedy(fixed()) == (
        f"static_addresses:\n  {ENDPOINT}:\n    registry: 10.20.0.9\n"
        "    registry_data_northeurope: ADDRESS-IN-10.20.0.0/24"
    )


def test_what_is_taken_is_not_proposed() -> None:
    """Nor anything else in its place: the owner of the address plan decides."""
    space = AddressSpace(prefixes=("10.20.0.0/24",), free={"10.20.0.9": False})
    taken = fixed().model_copy(update={"address_spaces": {NORTH.lower(): space}})

    assert "registry: ADDRESS-IN-10.20.0.0/24" in remedy(taken)


def test_a_smaller_subnet_takes_the_host_that_it_has_room_for() -> None:
    """Host 9 of a /24 is host 9 of a /28, wherever that begins."""
    space = AddressSpace(prefixes=("10.20.7.32/28",), free={"10.20.7.41": True})
    small = fixed().model_copy(update={"address_spaces": {NORTH.lower(): space}})

    assert "registry: 10.20.7.41" in remedy(small)


def test_only_what_is_wrong_is_asked_for_again() -> None:
    """The good addresses of the request stay as they are."""
    wrong = remedy(fixed(GIVEN | {"registry_data_northeurope": TAKEN}))

    assert "registry: 10.20.0.9" in wrong
    assert "registry_data_northeurope: ADDRESS-IN-10.20.0.0/24" in wrong


def test_the_template_has_the_addresses_of_the_request() -> None:
    """One configuration for each member; none where Azure gives the addresses out."""
    given, free = (_endpoint(fixed(addresses)) for addresses in (GIVEN, {}))

    assert [one["properties"] for one in given["ipConfigurations"]] == [
        {"groupId": "registry", "memberName": member, "privateIPAddress": address} for member, address in GIVEN.items()
    ]
    assert "ipConfigurations" not in free


def _endpoint(evidence: Evidence) -> dict[str, Any]:
    template = build_template(None, evidence.source, evidence.request).template
    (found,) = [one for one in template["resources"] if one["type"] == "Microsoft.Network/privateEndpoints"]
    properties: dict[str, Any] = found["properties"]
    return properties
