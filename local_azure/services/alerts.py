"""Alert rules, and rules about alerts: kept and told, with the rules for their scopes. None ever fires."""

from typing import TYPE_CHECKING, Final

from local_azure.arm.authorization import authorize
from local_azure.arm.resource_pipeline import Body, ResourceType, register
from local_azure.services.clusters import compose
from local_azure.state.directory import Principal
from local_azure.state.errors import bad_request
from local_azure.state.store import Resource, parse_id

if TYPE_CHECKING:
    from local_azure.state.world import World

NAMESPACE: Final = "Microsoft.Insights"


def prepare_metric_alert(
    world: "World", principal: Principal, resource_id: str, body: Body, existing: Resource | None
) -> Resource:
    """A rule for one resource, or for what is of one type and in one region.

    Source: MetricAlertProperties, targetResourceType and targetResourceRegion: "Mandatory if the scope contains a
    subscription, resource group, or more than one resource"; the message is told in
    hashicorp/terraform-provider-azurerm#4337.
    """
    rule = compose(resource_id, body, existing)
    scopes, criteria = _scopes(rule), rule.properties.get("criteria") or {}
    is_wide = len(scopes) > 1 or any("/providers/" not in scope.lower() for scope in scopes)
    if is_wide and "Multiple" not in str(criteria.get("odata.type")).removesuffix("MultipleMetricCriteria"):
        message = "Scopes property is invalid. Only single resource is allowed for criteria type "
        raise bad_request("BadRequest", f"{message}{str(criteria.get('odata.type')).rpartition('.')[2]}.")
    _check_region(world, rule, scopes, is_wide=is_wide)
    _check_reads(world, principal, rule)
    return rule


def prepare_activity_log_alert(
    world: "World", principal: Principal, resource_id: str, body: Body, existing: Resource | None
) -> Resource:
    """A rule for its own subscription: one rule, one subscription (hashicorp/terraform-provider-azurerm#25053)."""
    rule = compose(resource_id, body, existing)
    _check_reads(world, principal, rule)
    here = parse_id(resource_id).subscription.lower()
    if any(scope.split("/")[2].lower() != here for scope in _scopes(rule)):
        raise bad_request("ScopeIsInvalid", "The rule scope must be in the subscription of the rule.")
    return rule


def prepare_query_rule(
    world: "World", principal: Principal, resource_id: str, body: Body, existing: Resource | None
) -> Resource:
    """A rule that asks a workspace, or the logs of what is in its scope."""
    rule = compose(resource_id, body, existing)
    _check_reads(world, principal, rule)
    return rule


def prepare_processing_rule(
    world: "World", principal: Principal, resource_id: str, body: Body, existing: Resource | None
) -> Resource:
    """A rule about alerts of what is in its scopes, all of its own subscription.

    Source: azure-monitor/alerts/alerts-processing-rules, "Scope and filters" and "What should this rule do?".
    """
    rule = compose(resource_id, body, existing)
    here = parse_id(resource_id).subscription.lower()
    if any(scope.split("/")[2].lower() != here for scope in _scopes(rule)):
        raise bad_request("BadRequest", "All scopes of an alert processing rule must be in its subscription.")
    for action in rule.properties.get("actions") or ():
        for group in action.get("actionGroupIds") or ():
            authorize(world, principal, f"{NAMESPACE}/actionGroups/read", str(group))
    return rule


def _scopes(rule: Resource) -> list[str]:
    scopes = [str(scope).rstrip("/") for scope in rule.properties.get("scopes") or ()]
    if not scopes:
        raise bad_request("ScopeIsInvalid", "The rule scope must contain at least one item.")
    return scopes


def _check_region(world: "World", rule: Resource, scopes: list[str], *, is_wide: bool) -> None:
    region = str(rule.properties.get("targetResourceRegion") or "").replace(" ", "").lower()
    if is_wide and not (region and rule.properties.get("targetResourceType")):
        raise bad_request(
            "BadRequest", "Alert scope is invalid: targetResourceType and targetResourceRegion are needed."
        )
    for scope in scopes:
        found = world.resources.get(scope)
        if region and found is not None and "/providers/" in scope and found.location != region:
            message = f"Alert scope is invalid: {found.id} is in {found.location}, targetResourceRegion is {region}."
            raise bad_request("BadRequest", message)


def _check_reads(world: "World", principal: Principal, rule: Resource) -> None:
    """Who makes a rule has to read what it watches and whom it tells.

    Source: azure-monitor/alerts/alerts-create-new-alert-rule, on permissions. Each type writes its action groups in
    its own way: in a list of objects, or under a name of their own.
    """
    actions = rule.properties.get("actions") or ()
    told = actions.get("actionGroups") or () if isinstance(actions, dict) else actions
    for one in told:
        group = str(one.get("actionGroupId") or "") if isinstance(one, dict) else str(one)
        authorize(world, principal, f"{NAMESPACE}/actionGroups/read", group)
    for scope in _scopes(rule):
        found = world.resources.get(scope)
        if found is not None and found.type:
            authorize(world, principal, f"{found.type}/read", scope)


for _name, _prepare in (
    ("metricAlerts", prepare_metric_alert),
    ("activityLogAlerts", prepare_activity_log_alert),
    ("scheduledQueryRules", prepare_query_rule),
):
    register(ResourceType(f"{NAMESPACE}/{_name}", prepare=_prepare))
register(ResourceType("Microsoft.AlertsManagement/actionRules", prepare=prepare_processing_rule))
