"""Places of the target that still name the source: its settings and what was made for it, not others' workloads."""

from typing import Any

import pytest

from acr_relocate.core.dependencies import Surroundings
from acr_relocate.core.registry.mentions import may_name
from acr_relocate.core.verification.source_references import find_mentions
from tests.support.builders import registry
from tests.support.surroundings import HERE, SERVER, resource

THERE = registry("contosoregistryne", properties={"loginServer": "contosoregistryne.azurecr.io"})
BOTH = [{"server": SERVER, "identity": "system"}, {"server": THERE.login_server, "identity": "system"}]


@pytest.mark.parametrize(
    ("of", "properties", "count"),
    [
        ("Microsoft.App/containerApps", {"configuration": {"registries": BOTH}}, 0),
        ("Microsoft.App/jobs", {"configuration": {"registries": BOTH}}, 0),
        ("Microsoft.Insights/metricAlerts", {"scopes": [THERE.id], "description": f"pulls from {SERVER}"}, 1),
        ("Microsoft.EventGrid/systemTopics", {"source": HERE.id}, 1),
    ],
)
def test_an_app_may_name_both_registries_while_it_is_switched(of: str, properties: dict[str, Any], count: int) -> None:
    """Else the next cut-over would wait for a clean comparison, and a killed switch would never be finished."""
    around = Surroundings(naming=(resource(of, "one", properties),))

    assert len(find_mentions(HERE, THERE, around)) == count


def test_the_id_of_a_registry_whose_name_is_longer_is_another() -> None:
    """Resource Graph finds by a part of a text; a host inside another word is kept, because it may be one of ours."""
    source = registry()

    assert may_name(source, {"properties": {"id": source.id.upper()}})
    assert may_name(source, {"text": f"\\n{source.login_server}/app:v1"})
    assert may_name(source, [{"scope": f"{source.id}/webhooks/one"}])
    assert not may_name(source, {"properties": {"id": f"{source.id}ne"}})
