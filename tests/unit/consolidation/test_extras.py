"""Roles that other sources of a target explain are no difference for one of them."""

from acr_relocate.core.consolidation.extras import without_others
from acr_relocate.core.dependencies import Surroundings
from acr_relocate.core.registry.inventory import Content, Registry
from acr_relocate.core.verification import RegistrySnapshot, SnapshotPair, compare_surroundings
from tests.support.builders import registry
from tests.unit.consolidation.pairs import SHOP, books, part, shop

PULL = "7f951dda-4ed3-4680-a7ca-43fe172d538d"


def seen(one: Registry, *holders: str) -> RegistrySnapshot:
    """The registry, with AcrPull for these."""
    roles = tuple(
        {
            "id": f"{one.id}/roles/{holder}",
            "properties": {"scope": one.id, "principalId": holder, "roleDefinitionId": f"/roleDefinitions/{PULL}"},
        }
        for holder in holders
    )
    return RegistrySnapshot(registry=one, content=Content(login_server=""), around=Surroundings(role_assignments=roles))


def test_a_role_that_another_source_has_is_not_extra_and_one_of_none_is() -> None:
    """Bob pulls from the second source; eve was let in at the target."""
    target = seen(registry("allregistries"), "ann", "bob", "eve")
    pair = SnapshotPair(source=seen(shop(), "ann"), target=target)
    found = compare_surroundings(pair, part(SHOP))

    left = without_others(found, pair, part(SHOP), [seen(books(), "bob")])

    assert [one.subject for one in found if one.kind == "extra"] == ["role AcrPull for bob", "role AcrPull for eve"]
    assert [one.subject for one in left if one.kind == "extra"] == ["role AcrPull for eve"]
    assert [one for one in left if one.kind != "extra"] == [one for one in found if one.kind != "extra"]
