"""A replica costs a day of a registry: it is measured only where the request or the source has one."""

import pytest

from acr_relocate.core.evidence.azure_facts import Lock
from acr_relocate.core.registry.inventory import Registry
from acr_relocate.core.rehearsal.shape import source_shape
from tests.support.builders import child, content, registry, request

THERE = child("replications", "north", "northeurope")
ELSEWHERE = child("replications", "france", "francecentral")


@pytest.mark.parametrize(
    ("source", "via_replica", "measured"),
    [
        (registry(), False, False),
        (registry(), True, True),
        (registry("contosoregistry", THERE), False, True),
        (registry("contosoregistry", ELSEWHERE), False, False),
        (registry(sku="Standard"), True, False),
        (registry(properties={"policies": {"softDeletePolicy": {"status": "enabled"}}}), True, False),
    ],
    ids=["none", "wanted", "there", "elsewhere", "not Premium", "soft delete"],
)
def test_a_replica_is_measured_where_there_is_one(source: Registry, via_replica: bool, measured: bool) -> None:
    """And where Azure makes one, and no lock would keep it."""
    wanted = request(via_replica=via_replica)
    assert source_shape(source, content(), (), wanted, None).replica is measured
    assert not source_shape(source, content(), (Lock(scope=source.id, name="keep", level="x"),), wanted, None).replica
