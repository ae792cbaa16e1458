"""Alert rules: which of them watch a registry, which watch the target already, and what the others become."""

from typing import Any

import pytest

from acr_relocate.core.cut_over import CutOverAction, build_cut_over, with_values
from acr_relocate.core.dependencies import Dependency, Surroundings, build_map
from acr_relocate.core.dependencies.consumers import consumers
from acr_relocate.core.request.identity import MADE_TAG, PLAN_TAG, made_mark, relocation_id
from acr_relocate.core.request.relocation import RelocationRequest
from tests.support.builders import SUBSCRIPTION, child, registry, request, target_ref
from tests.support.surroundings import GROUP, OTHER, resource

HERE = registry()
TARGET = request().target_id
WHOLE, HOME = f"/subscriptions/{SUBSCRIPTION}", HERE.id.partition("/providers/")[0]
LOGS = f"{GROUP}/providers/Microsoft.OperationalInsights/workspaces/logs"
METRICS, ACTIVITY, QUERY = (
    f"Microsoft.Insights/{kind}" for kind in ("metricAlerts", "activityLogAlerts", "scheduledQueryRules")
)
OF_REGISTRIES = {"targetResourceType": "Microsoft.ContainerRegistry/registries"}
WESTERN = OF_REGISTRIES | {"targetResourceRegion": "westeurope"}
TO_LOGS = {"id": "/d/to-logs", "name": "to-logs", "properties": {"workspaceId": LOGS}}
LOGGING = registry("contosoregistry", child("diagnosticSettings", "to-logs", id="/d/to-logs", workspaceId=LOGS))


def rule(kind: str, scopes: list[str], **own: Any) -> dict[str, Any]:
    return resource(kind, "rule", {"scopes": scopes, "enabled": True} | own, location="global")


def when(*conditions: dict[str, Any]) -> dict[str, Any]:
    return {"condition": {"allOf": list(conditions)}}


def field(name: str, value: str) -> dict[str, Any]:
    return {"field": name, "equals": value}


def asks(text: str) -> dict[str, Any]:
    return {"criteria": {"allOf": [{"query": text}]}}


def actions(alert: dict[str, Any], asked: RelocationRequest | None = None) -> tuple[CutOverAction, ...]:
    around = Surroundings(alerts=(alert,), diagnostic_settings=(TO_LOGS,))
    return build_cut_over(LOGGING, around, asked or request()).actions


def on_map(alert: dict[str, Any]) -> list[Dependency]:
    around = Surroundings(alerts=(alert,), diagnostic_settings=(TO_LOGS,))
    return [one for one in build_map(LOGGING, around, request()).dependencies if one.kind == "alert_rule"]


# Each rule, and whether the target needs one of its own: "own", "covered" or "none of its business".
RULES: dict[str, tuple[dict[str, Any], str]] = {
    "the registry": (rule(METRICS, [HERE.id]), "own"),
    "the registry in capitals": (rule(METRICS, [HERE.id.upper() + "/"]), "own"),
    "registries in its group and region": (rule(METRICS, [HOME], **WESTERN), "own"),
    "registries of the subscription in its region": (rule(METRICS, [WHOLE], **WESTERN), "own"),
    "registries of the subscription in another region": (
        rule(METRICS, [WHOLE], **OF_REGISTRIES, targetResourceRegion="francecentral"),
        "none",
    ),
    "other types in its group": (
        rule(METRICS, [HOME], **WESTERN | {"targetResourceType": "Microsoft.Compute/virtualMachines"}),
        "none",
    ),
    "a look-alike": (rule(METRICS, [f"{HERE.id}2"]), "none"),
    "a group whose name begins alike": (rule(ACTIVITY, [f"{HOME}-2"], **when()), "none"),
    "everything in its group": (rule(ACTIVITY, [HOME], **when(field("category", "Administrative"))), "own"),
    "everything in the subscription": (rule(ACTIVITY, [WHOLE], **when()), "covered"),
    "the registry by condition": (rule(ACTIVITY, [WHOLE], **when(field("resourceId", HERE.id))), "own"),
    "its group by condition": (rule(ACTIVITY, [WHOLE], **when(field("resourceGroup", HOME.rpartition("/")[2]))), "own"),
    "registries or vaults": (
        rule(
            ACTIVITY,
            [HOME],
            **when({"anyOf": [field("resourceType", "Microsoft.KeyVault/vaults"), field("resourceType", *[
                "Microsoft.ContainerRegistry/registries"
            ])]}),
        ),
        "own",
    ),
    "what is done to vaults": (
        rule(ACTIVITY, [HOME], **when(field("operationName", "Microsoft.KeyVault/vaults/delete"))),
        "none",
    ),
    "the health of Azure": (rule(ACTIVITY, [WHOLE], **when(field("category", "ServiceHealth"))), "none"),
    "its name in a query": (rule(QUERY, [LOGS], **asks("T | where Registry == 'contosoregistry'")), "own"),
    "a look-alike in a query": (rule(QUERY, [LOGS], **asks("T | where Registry == 'contosoregistry2'")), "none"),
    "what all registries log": (rule(QUERY, [LOGS], **asks("ContainerRegistryLoginEvents | count")), "covered"),
    "what another registry logs": (
        rule(QUERY, [LOGS], **asks("ContainerRegistryLoginEvents | where Registry == 'other'")),
        "none",
    ),
    "what others log": (rule(QUERY, [LOGS], **asks("Heartbeat | count")), "none"),
}  # fmt: skip


@pytest.mark.parametrize("name", RULES)
def test_a_rule_that_watches_the_source_alone_gets_one_beside_it_for_the_target(name: str) -> None:
    """And one that watches both, or neither, none: alerts come twice, or never, otherwise."""
    alert, becomes = RULES[name]

    assert [one.strategy for one in on_map(alert)] == {"own": ["re-created"], "covered": ["shared"], "none": []}[
        becomes
    ]
    assert len(actions(alert)) == (becomes == "own")


def test_the_rule_beside_it_is_for_the_target_alone() -> None:
    """With the same conditions and action groups; other resources of a rule stay with it, in its region."""
    told = [{"actionGroupId": "/g"}]
    alert = rule(METRICS, [HERE.id, f"{HERE.id}2"], actions=told, lastUpdatedTime="x", **WESTERN)
    (action,) = actions(alert | {"tags": {"team": "shop"}})

    own = action.call.body["properties"]
    assert (own["scopes"], own["actions"], own["targetResourceRegion"]) == ([TARGET], told, "northeurope")
    mark = made_mark(relocation_id(request()), action.creates)
    assert action.call.body["tags"] == {"team": "shop", PLAN_TAG: relocation_id(request()), MADE_TAG: mark}
    assert "lastUpdatedTime" not in own
    assert action.call.path == f"{alert['id']}-contosoregistryne"
    assert [call.method for call in action.undo] == ["DELETE"]


def test_a_condition_on_the_sources_group_is_one_on_the_targets() -> None:
    """Else the new rule would never fire."""
    alert = rule(ACTIVITY, [HOME], **when(field("resourceGroup", HOME.rpartition("/")[2].upper())))
    (action,) = actions(alert)

    assert action.call.body["properties"]["condition"]["allOf"] == [
        field("resourceGroup", TARGET.partition("/providers/")[0].rpartition("/")[2])
    ]


def test_a_query_names_the_target_by_id_server_and_name() -> None:
    """Its login server may carry a hash, so that it is asked for; the workspace stays."""
    text = (
        "T | where Registry in ('contosoregistry', 'contosoregistry2') "
        f"or _ResourceId =~ '{HERE.id}' // contosoregistry.azurecr.io"
    )
    (action,) = actions(rule(QUERY, [LOGS], **asks(text)))

    ready = with_values(action, {action.fills[0].placeholder: "contosoregistryne-abc.azurecr.io"}).call.body[
        "properties"
    ]
    assert ready["scopes"] == [LOGS]
    assert ready["criteria"]["allOf"][0]["query"] == (
        "T | where Registry in ('contosoregistryne', 'contosoregistry2') "
        f"or _ResourceId =~ '{TARGET}' // contosoregistryne-abc.azurecr.io"
    )


@pytest.mark.parametrize(
    ("alert", "why"),
    [
        (rule(QUERY, [LOGS], **asks("contosoregistry")) | {"identity": {"type": "SystemAssigned"}}, "identity"),
        (rule(QUERY, [f"{LOGS}2", HERE.id], **asks("contosoregistry")) | {"identity": {"type": "None"}}, ""),
    ],
)
def test_a_rule_that_asks_as_somebody_is_left_to_people(alert: dict[str, Any], why: str) -> None:
    """Its new identity could read nothing, and the rule would be silent."""
    (action,) = actions(alert)

    assert action.refused.startswith(why) if why else not action.refused


def test_a_rule_for_a_target_in_another_subscription_goes_there() -> None:
    """A rule for the activity log watches its own subscription alone."""
    asked = request(target=target_ref(subscription_id=OTHER, resource_group="north"))
    (action,) = actions(rule(ACTIVITY, [HOME], **when()), asked)

    assert action.call.path.startswith(f"/subscriptions/{OTHER}/resourceGroups/north/providers/Microsoft.Insights/")


def test_action_groups_are_on_the_map_and_rules_are_no_consumers() -> None:
    """The one rule tells of both registries; a rule that watches the source does not keep it from being deleted."""
    group = f"{GROUP}/providers/Microsoft.Insights/actionGroups/on-call"
    told = [{"actionGroupId": group}], {"actionGroups": [{"actionGroupId": group}]}, {"actionGroups": [group]}
    for kind, actions_of_it in zip((METRICS, ACTIVITY, QUERY), told, strict=True):
        alert = rule(kind, [HERE.id], actions=actions_of_it)
        around = Surroundings(alerts=(alert,), naming=(alert,))
        found = [one for one in build_map(HERE, around, request()).dependencies if one.kind == "action_group"]

        assert [(one.name, one.strategy) for one in found] == [("on-call", "shared")]
        assert not consumers(HERE, around, request())
