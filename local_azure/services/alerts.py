"""Alert rules, and rules about alerts: kept and told, with the rules for their scopes. None ever fires."""

from typing import TYPE_CHECKING, Final

from local_azure.arm.authorization import authorize
from local_azure.arm.resource_types import Body, ResourceType
from local_azure.arm.system_data import system_data
from local_azure.services.composing import compose_plain
from local_azure.state.directory import Principal
from local_azure.state.errors import AzureError, BareError, bad_request
from local_azure.state.settings import TENANT_ID
from local_azure.state.store import Resource, parse_id

if TYPE_CHECKING:
    from local_azure.state.world import World

NAMESPACE: Final = "Microsoft.Insights"
RECEIVERS: Final = {  # since which api-version
    "emailReceivers": "2017-04", "smsReceivers": "2017-04", "webhookReceivers": "2017-04", "itsmReceivers": "2017-04",
    "azureAppPushReceivers": "2017-04", "automationRunbookReceivers": "2018-03", "voiceReceivers": "2018-09",
    "logicAppReceivers": "2018-09", "azureFunctionReceivers": "2018-09", "armRoleReceivers": "2019-03",
}  # fmt: skip
EVENT_HUBS: Final = (("2022-06", "eventHubReceivers"), ("2021-09", "eventhubReceivers"))  # since when, spelt how

OLDER: Final = ("kind", "identity")  # keys of action groups that the newest api-versions do not show
FILLED_IN: Final[dict[str, Body]] = {  # in receivers
    "emailReceivers": {"status": "Enabled"},
    "smsReceivers": {"status": "Enabled"},
    "webhookReceivers": {"objectId": None, "identifierUri": None, "tenantId": None},
    "eventHubReceivers": {"tenantId": TENANT_ID},
}
PLAIN_SINCE: Final = "2020-10"  # the api-versions of activity log alerts that leave out what is not set
AUTHORS_SINCE: Final = "2021-08"  # the api-versions of query rules that tell who made one, and at which version
VERSIONS: Final = {"api-supported-versions": "2017-04-01, 2018-03-01, 2018-09-01, 2019-06-01, 2020-10-01, 2022-06-01"}


def prepare_metric_alert(
    world: "World", principal: Principal, resource_id: str, body: Body, existing: Resource | None
) -> Resource:
    """Check a rule for one resource, or for all of one type and one region.

    Source: MetricAlertProperties, targetResourceType and targetResourceRegion: "Mandatory if the scope contains a
    subscription, resource group, or more than one resource"; the message is told in
    hashicorp/terraform-provider-azurerm#4337.
    """
    rule = compose_plain(resource_id, body, existing)
    scopes, criteria = _scopes(rule), rule.properties.get("criteria") or {}
    is_wide = len(scopes) > 1 or any("/providers/" not in scope.lower() for scope in scopes)
    if is_wide and "Multiple" not in str(criteria.get("odata.type")).removesuffix("MultipleMetricCriteria"):
        message = "Scopes property is invalid. Only single resource is allowed for criteria type "
        raise _refused(f"{message}{str(criteria.get('odata.type')).rpartition('.')[2]}.")
    _check_region(world, rule, scopes, is_wide=is_wide)
    _check_reads(world, principal, rule)
    return rule


def prepare_activity_log_alert(
    world: "World", principal: Principal, resource_id: str, body: Body, existing: Resource | None
) -> Resource:
    """Check a rule for its own subscription: one rule, one subscription (terraform-provider-azurerm#25053)."""
    rule = compose_plain(resource_id, body, existing)
    _check_reads(world, principal, rule)
    here = parse_id(resource_id).subscription.lower()
    if any(scope.split("/")[2].lower() != here for scope in _scopes(rule)):
        raise bad_request("ScopeIsInvalid", "The rule scope must be in the subscription of the rule.")
    return rule


def prepare_query_rule(
    world: "World", principal: Principal, resource_id: str, body: Body, existing: Resource | None
) -> Resource:
    """Check a rule that queries a workspace, or the logs of its scope."""
    rule = compose_plain(resource_id, body, existing)
    _check_reads(world, principal, rule)
    return rule


def prepare_processing_rule(
    world: "World", principal: Principal, resource_id: str, body: Body, existing: Resource | None
) -> Resource:
    """Check a rule about alerts in its scopes, all of its own subscription.

    Source: azure-monitor/alerts/alerts-processing-rules, "Scope and filters" and "What should this rule do?".
    """
    rule = compose_plain(resource_id, body, existing)
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
        raise _refused("Alert scope is invalid: targetResourceType and targetResourceRegion are needed.")
    for scope in scopes:
        found = world.resources.get(scope)
        if region and found is not None and "/providers/" in scope and found.location != region:
            message = f"Alert scope is invalid: {found.id} is in {found.location}, targetResourceRegion is {region}."
            raise _refused(message)


def _refused(message: str) -> AzureError:
    return BareError(400, "BadRequest", message, headers=VERSIONS)


def _check_reads(world: "World", principal: Principal, rule: Resource) -> None:
    """Require read access to the watched resources and the notified groups.

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


def show_metric_alert(resource: Resource, api_version: str, world: "World") -> Body:
    """Return a rule without empty dimensions and tags, but with actions (metricAlert.create)."""
    del api_version, world
    view = resource.view()
    criteria = dict(resource.properties.get("criteria") or {})
    if "allOf" in criteria:
        criteria["allOf"] = [_criterion(one) for one in criteria["allOf"]]
    tags = {"tags": resource.tags} if resource.tags else {}
    kept = {key: value for key, value in view.items() if key != "tags"}
    return kept | tags | {"properties": {"actions": []} | resource.properties | {"criteria": criteria}}


def _criterion(given: Body) -> Body:
    """Return a condition without empty lists, and with periods as whole numbers (az sends 4.0)."""
    kept = {key: value for key, value in given.items() if value != []}
    if "failingPeriods" in kept:
        kept["failingPeriods"] = {key: int(value) for key, value in kept["failingPeriods"].items()}
    return kept


def show_activity_log_alert(resource: Resource, api_version: str, world: "World") -> Body:
    """Return a rule; in older api-versions with an explicit null for every unset property (activityLogAlert.list)."""
    del world
    if api_version >= PLAIN_SINCE:
        kept = {key: value for key, value in resource.view().items() if key != "tags" or value}
        return kept | {"type": f"{NAMESPACE}/ActivityLogAlerts", "location": "Global"}
    properties = {"description": None} | resource.properties
    condition = dict(properties.get("condition") or {})
    unsaid = {"containsAny": None, "odata.type": None}
    condition["allOf"] = [unsaid | one for one in condition.get("allOf") or ()]
    groups = [{"webhookProperties": None} | one for one in (properties.get("actions") or {}).get("actionGroups") or ()]
    properties |= {"condition": condition | {"odata.type": None}, "actions": {"actionGroups": groups}}
    return _insights(resource, "ActivityLogAlerts") | {"properties": properties}


def show_action_group(resource: Resource, api_version: str, world: "World") -> Body:
    """Return a group with a list for each kind of receiver that the api-version has."""
    del world
    given = {key.lower(): value for key, value in resource.properties.items()}
    event_hubs = [name for since, name in EVENT_HUBS if api_version >= since][:1]
    known = [*(name for name, since in RECEIVERS.items() if api_version >= since), *event_hubs]
    told = {name: [FILLED_IN.get(name, {}) | one for one in given.get(name.lower()) or ()] for name in known}
    others = {key: one for key, one in resource.properties.items() if not key.lower().endswith("receivers")}
    shown = _insights(resource, "ActionGroups") | {"tags": resource.tags or None, "properties": others | told}
    return {key: value for key, value in shown.items() if key not in OLDER or api_version < EVENT_HUBS[0][0]}


def show_query_rule(resource: Resource, api_version: str, world: "World") -> Body:
    """Return a rule without empty actions; a newer api-version tells its author and the version that made it."""
    properties = {key: one for key, one in resource.properties.items() if key != "actions" or any(one.values())}
    if api_version < AUTHORS_SINCE:
        return resource.view() | {"properties": properties}
    made = {"createdWithApiVersion": api_version}
    return resource.view() | {"systemData": system_data(world, resource, offset=False), "properties": properties | made}


def _insights(resource: Resource, name: str) -> Body:
    whole = {"kind": None, "identity": None} | resource.view() | {"tags": resource.tags}
    return whole | {"type": f"{NAMESPACE}/{name}", "location": "Global"}


def prepare_action_group(
    world: "World", principal: Principal, resource_id: str, body: Body, existing: Resource | None
) -> Resource:
    """Return a group as it was sent."""
    del world, principal
    return compose_plain(resource_id, body, existing)


def show_processing_rule(resource: Resource, api_version: str, world: "World") -> Body:
    """Return a rule with its author, and without empty tags (alertProcessingRule.create)."""
    del api_version
    kept = {key: value for key, value in resource.view().items() if key != "tags" or value}
    return kept | {"location": "Global", "systemData": system_data(world, resource, offset=False)}


TYPES: Final = (
    ResourceType(
        f"{NAMESPACE}/metricAlerts",
        prepare=prepare_metric_alert,
        view=show_metric_alert,
        created_status=200,
        headers=VERSIONS,
    ),
    ResourceType(
        f"{NAMESPACE}/activityLogAlerts",
        prepare=prepare_activity_log_alert,
        view=show_activity_log_alert,
        headers=VERSIONS,
    ),
    ResourceType(
        f"{NAMESPACE}/actionGroups",
        prepare=prepare_action_group,
        view=show_action_group,
        headers=VERSIONS,
    ),
    ResourceType(
        f"{NAMESPACE}/scheduledQueryRules", prepare=prepare_query_rule, view=show_query_rule, headers=VERSIONS
    ),
    ResourceType("Microsoft.AlertsManagement/actionRules", prepare=prepare_processing_rule, view=show_processing_rule),
)
