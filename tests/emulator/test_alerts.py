"""Alert rules: which scopes Azure accepts, and from whom."""

from collections.abc import Iterator
from typing import Any

import pytest

from local_azure.launcher import Emulator
from tests.emulator.conftest import GROUP, REGISTRIES, SUBSCRIPTION, Send

RULES = f"{SUBSCRIPTION}/resourceGroups/{GROUP}/providers/Microsoft.Insights"
HERE = f"{REGISTRIES}/contosoregistry"
ON_CALL = f"{RULES}/actionGroups/on-call"
ABOUT = f"{SUBSCRIPTION}/resourceGroups/{GROUP}/providers/Microsoft.AlertsManagement/actionRules/quiet"
OTHER = "/subscriptions/99999999-9999-9999-9999-999999999999/resourceGroups/g"
VERSIONS = {"metricAlerts": "2018-03-01", "activityLogAlerts": "2020-10-01", "scheduledQueryRules": "2023-12-01"}
WIDE = {
    "criteria": {"odata.type": "Microsoft.Azure.Monitor.MultipleResourceMultipleMetricCriteria"},
    "targetResourceType": "Microsoft.ContainerRegistry/registries",
}
NARROW = {"criteria": {"odata.type": "Microsoft.Azure.Monitor.SingleResourceMultipleMetricCriteria"}}
WESTERN = {"targetResourceRegion": "westeurope"}


@pytest.fixture(autouse=True)
def _no_rule_stays(demo: Emulator) -> Iterator[None]:
    """The lifelike seed has no alert rules, which others count on."""
    yield
    for kind in VERSIONS:
        for rule in demo.resources(f"Microsoft.Insights/{kind}"):
            demo.uproot(rule["id"])


@pytest.mark.parametrize(
    ("kind", "scopes", "own", "fits"),
    [
        ("metricAlerts", [HERE], NARROW, True),
        ("metricAlerts", [HERE.rpartition("/providers/")[0]], WIDE | WESTERN, True),
        ("metricAlerts", [SUBSCRIPTION], WIDE, False),
        ("metricAlerts", [SUBSCRIPTION], NARROW | WESTERN, False),
        ("metricAlerts", [HERE], WIDE | {"targetResourceRegion": "northeurope"}, False),
        ("metricAlerts", [], NARROW, False),
        ("activityLogAlerts", [SUBSCRIPTION], {}, True),
        ("activityLogAlerts", [OTHER], {}, False),
        ("scheduledQueryRules", [HERE], {}, True),
        ("scheduledQueryRules", [], {}, False),
    ],
)
def test_a_rule_has_a_scope_that_fits(arm: Send, kind: str, scopes: list[str], own: dict[str, Any], fits: bool) -> None:
    """A rule for more than one resource is for one type and one region, or for one subscription."""
    body = {"location": "global", "properties": {"scopes": scopes} | own}

    assert (arm("PUT", f"{RULES}/{kind}/rule", VERSIONS[kind], body).status_code != 400) == fits


@pytest.mark.parametrize(("scopes", "status"), [([HERE], 201), ([OTHER], 400), ([], 400)])
def test_a_rule_about_alerts_is_for_its_own_subscription(
    arm: Send, demo: Emulator, scopes: list[str], status: int
) -> None:
    """Of several resources, groups or all of it; never of another one."""
    body = {"location": "Global", "properties": {"scopes": scopes, "actions": [], "enabled": True}}

    assert arm("PUT", ABOUT, "2021-08-08", body).status_code == status
    demo.uproot(ABOUT)


@pytest.mark.parametrize(
    ("kind", "actions"),
    [
        ("metricAlerts", [{"actionGroupId": ON_CALL}]),
        ("activityLogAlerts", {"actionGroups": [{"actionGroupId": ON_CALL}]}),
        ("scheduledQueryRules", {"actionGroups": [ON_CALL]}),
    ],
)
def test_who_makes_a_rule_reads_what_it_tells(arm: Send, demo: Emulator, kind: str, actions: object) -> None:
    """However the type writes its action groups."""
    demo.reset_stats()
    own = {"scopes": [HERE], "actions": actions, **(NARROW if kind == "metricAlerts" else {})}

    answer = arm("PUT", f"{RULES}/{kind}/telling", VERSIONS[kind], {"location": "global", "properties": own})

    assert answer.status_code in {200, 201}
    assert "Microsoft.Insights/actionGroups/read" in demo.stats()["needs"]
