"""The dependency map: what each thing that Azure shows becomes in it, and what it never claims."""

from typing import Any

import pytest

from acr_relocate.core import children
from acr_relocate.core.checks import Lock, Unknown
from acr_relocate.core.children.move import Move, Moved
from acr_relocate.core.dependencies import KINDS, Dependency, DependencyMap, Surroundings, chart, findings
from acr_relocate.core.inventory import Child, Registry
from acr_relocate.core.request import RelocationRequest
from tests.builders import SUBSCRIPTION, child, registry, request, target_ref

OTHER = "33333333-3333-3333-3333-333333333333"
HERE = registry()
SERVER = HERE.login_server
TARGET = request().target_id
GROUP = f"/subscriptions/{SUBSCRIPTION}/resourceGroups/apps"
ROLES = f"/subscriptions/{SUBSCRIPTION}/providers/Microsoft.Authorization/roleDefinitions"
ACR_PULL = "7f951dda-4ed3-4680-a7ca-43fe172d538d"
NETWORK = f"{GROUP}/providers/Microsoft.Network"
SUBNET = f"{NETWORK}/virtualNetworks/vnet/subnets/apps"


def resource(of: str, name: str, properties: dict[str, Any] | None = None, **fields: Any) -> dict[str, Any]:
    identity = {"id": f"{GROUP}/providers/{of}/{name}", "name": name, "type": of.lower(), "location": "westeurope"}
    return identity | {"properties": properties or {}} | fields


def assignment(principal: str, scope: str = HERE.id, role: str = ACR_PULL, **properties: Any) -> dict[str, Any]:
    own = {"principalId": principal, "scope": scope, "roleDefinitionId": f"{ROLES}/{role}", **properties}
    return {
        "id": f"{scope}/providers/Microsoft.Authorization/roleAssignments/{principal}",
        "name": "a",
        "properties": own,
    }


def cluster(principal: str = "kubelet-1", **properties: Any) -> dict[str, Any]:
    identity = {"identityProfile": {"kubeletidentity": {"objectId": principal}}}
    return resource("Microsoft.ContainerService/managedClusters", "aks", identity | properties)


def drawn(here: Registry = HERE, asked: RelocationRequest | None = None, **around: Any) -> DependencyMap:
    return chart(here, Surroundings(**around), asked or request())


def only(kind: str, found: DependencyMap) -> Dependency:
    (entry,) = [entry for entry in found.dependencies if entry.kind == kind]
    return entry


ENDPOINT = resource(
    "Microsoft.Network/privateEndpoints",
    "pe",
    {"subnet": {"id": SUBNET}},
    privateDnsZoneGroups=[
        {
            "id": f"{NETWORK}/privateEndpoints/pe/privateDnsZoneGroups/default",
            "name": "default",
            "properties": {
                "privateDnsZoneConfigs": [
                    {"properties": {"privateDnsZoneId": f"{NETWORK}/privateDnsZones/privatelink.azurecr.io"}}
                ]
            },
        }
    ],
    interfaces=[
        resource(
            "Microsoft.Network/networkInterfaces",
            "nic",
            {"ipConfigurations": [{"properties": {"privateIPAddress": "10.0.0.4"}}]},
        )
    ],
)
ZONE = resource("Microsoft.Network/privateDnsZones", "privatelink.azurecr.io") | {
    "A": [],
    "virtualNetworkLinks": [
        {"id": "/l", "name": "link", "properties": {"virtualNetwork": {"id": SUBNET.partition("/subnets")[0]}}}
    ],
}
POOL = {
    "id": f"{GROUP}/providers/Microsoft.Batch/batchAccounts/account/pools/pool",
    "name": "pool",
    "properties": {
        "deploymentConfiguration": {
            "virtualMachineConfiguration": {
                "containerConfiguration": {"containerRegistries": [{"registryServer": SERVER}]}
            }
        }
    },
}
SINK = f"{GROUP}/providers/Microsoft.Storage/storageAccounts/logs"
SETTING = {"id": "/d", "name": "to-storage", "properties": {"storageAccountId": SINK, "logs": []}}
TELLING = {"scopes": [HERE.id], "actions": [{"actionGroupId": "/g"}]}
SUBSCRIBED = {"id": "/e", "name": "pushes", "properties": {"destination": {"endpointType": "WebHook"}}}
POLICY = {"id": f"{HERE.id}/providers/Microsoft.Authorization/policyAssignments/p", "name": "p", "properties": {}}
APP = {"template": {"containers": [{"image": f"{SERVER}/shop:1"}]}, "configuration": {}}

# What Azure shows, the kind that it becomes, its strategy, and how the command for it begins; "" where none is needed.
PLANTED: dict[str, tuple[dict[str, Any], str, str, str]] = {
    "cluster": (
        {"clusters": (cluster(),), "role_assignments": (assignment("kubelet-1"),)},
        "cluster",
        "re-wired",
        "az aks update",
    ),
    "app": (
        {"naming": (resource("Microsoft.App/containerApps", "app", APP),)},
        "container_app",
        "re-wired",
        "az containerapp registry set",
    ),
    "job": (
        {"naming": (resource("Microsoft.App/jobs", "job", APP),)},
        "container_app_job",
        "re-wired",
        "az containerapp job registry set",
    ),
    "site": (
        {
            "sites": (
                resource("Microsoft.Web/sites", "web", {"siteConfig": {"linuxFxVersion": f"DOCKER|{SERVER}/a:1"}}),
            )
        },
        "web_app",
        "re-wired",
        "az webapp config container set",
    ),
    "function": (
        {
            "sites": (
                resource(
                    "Microsoft.Web/sites",
                    "fn",
                    {"siteConfig": {"linuxFxVersion": f"DOCKER|{SERVER}/a:1"}},
                    kind="functionapp,linux,container",
                ),
            )
        },
        "function_app",
        "re-wired",
        "az functionapp config container set",
    ),
    "container group": (
        {"naming": (resource("Microsoft.ContainerInstance/containerGroups", "aci"),)},
        "container_group",
        "re-created",
        "az container export",
    ),
    "workspace": (
        {"naming": (resource("Microsoft.MachineLearningServices/workspaces", "ml"),)},
        "ml_workspace",
        "re-wired",
        "az ml workspace update",
    ),
    "pool": ({"batch_pools": (POOL,)}, "batch_pool", "re-created", "az batch account login"),
    "anything else": (
        {"naming": (resource("Microsoft.Logic/workflows", "flow"),)},
        "other_user",
        "by hand",
        "az resource show",
    ),
    "assignment": (
        {"role_assignments": (assignment("p"),)},
        "role_assignment",
        "re-created",
        "az role assignment create",
    ),
    "principal": ({"role_assignments": (assignment("p"),)}, "principal", "shared", ""),
    "endpoint": ({"endpoints": (ENDPOINT,)}, "private_endpoint", "re-created", "az network private-endpoint create"),
    "interface": ({"endpoints": (ENDPOINT,)}, "network_interface", "follows", ""),
    "zone group": (
        {"endpoints": (ENDPOINT,)},
        "dns_zone_group",
        "re-created",
        "az network private-endpoint dns-zone-group create",
    ),
    "network": ({"endpoints": (ENDPOINT,)}, "virtual_network", "shared", ""),
    "zone": ({"zones": (ZONE,)}, "dns_zone", "shared", ""),
    "link": ({"zones": (ZONE,)}, "dns_zone_link", "shared", ""),
    "diagnostics": (
        {"diagnostic_settings": (SETTING,)},
        "diagnostic_setting",
        "re-created",
        "az monitor diagnostic-settings create",
    ),
    "regional sink": ({"diagnostic_settings": (SETTING,)}, "log_sink", "by hand", "# make a Microsoft.Storage"),
    "topic": (
        {"naming": (resource("Microsoft.EventGrid/systemTopics", "topic"),)},
        "event_topic",
        "re-created",
        "az eventgrid system-topic create",
    ),
    "subscription": (
        {"event_subscriptions": (SUBSCRIBED,)},
        "event_subscription",
        "re-created",
        "az eventgrid event-subscription create",
    ),
    "alert rule": (
        {"alerts": (resource("Microsoft.Insights/metricAlerts", "full", {"scopes": [HERE.id]}),)},
        "alert_rule",
        "re-created",
        "az resource show",
    ),
    "action group": (
        {"alerts": (resource("Microsoft.Insights/metricAlerts", "full", TELLING),)},
        "action_group",
        "shared",
        "",
    ),
    "grant": ({"granted": (assignment("own", scope=SINK),)}, "grant", "re-created", "az role assignment create"),
    "lock": (
        {"locks": (Lock(scope=HERE.id, name="keep", level="CanNotDelete"),)},
        "lock",
        "re-created",
        "az lock create",
    ),
    "policy": ({"policies": (POLICY,)}, "policy", "by hand", "az policy assignment create"),
}

VAULTED = {"status": "enabled", "keyVaultProperties": {"keyIdentifier": "https://v.vault.azure.net/keys/k"}}
CREDENTIAL = {"authCredentials": [{"usernameSecretIdentifier": "https://v.vault.azure.net/secrets/user"}]}
INSIDE: dict[str, tuple[Registry, str, str, str]] = {
    "webhook": (registry("contosoregistry", child("webhooks", "hook")), "webhooks", "re-created", ""),
    "scope map": (registry("contosoregistry", child("scopeMaps", "team")), "scopeMaps", "re-created", ""),
    "token": (
        registry("contosoregistry", child("tokens", "edge")),
        "tokens",
        "re-created",
        "az acr token credential generate",
    ),
    "cache rule": (registry("contosoregistry", child("cacheRules", "rule")), "cacheRules", "re-created", ""),
    "credential set": (
        registry("contosoregistry", child("credentialSets", "hub", **CREDENTIAL)),
        "credentialSets",
        "re-created",
        "",
    ),
    "secret": (registry("contosoregistry", child("credentialSets", "hub", **CREDENTIAL)), "secret", "shared", ""),
    "vault": (
        registry("contosoregistry", child("credentialSets", "hub", **CREDENTIAL)),
        "key_vault",
        "shared",
        "az role assignment create",
    ),
    "key": (registry(properties={"encryption": VAULTED}), "encryption_key", "shared", ""),
    "own identity": (
        registry(identity={"type": "SystemAssigned", "principalId": "own"}),
        "managed_identity",
        "re-created",
        "",
    ),
    "connected": (
        registry("contosoregistry", child("connectedRegistries", "edge")),
        "connectedRegistries",
        "by hand",
        "az acr connected-registry create",
    ),
    "pipeline": (
        registry("contosoregistry", child("exportPipelines", "out")),
        "exportPipelines",
        "re-created",
        "az acr export-pipeline create",
    ),
    "replica": (
        registry("contosoregistry", child("replications", "eastus", "eastus")),
        "replications",
        "re-created",
        "",
    ),
    "replica at the target": (
        registry("contosoregistry", child("replications", "northeurope", "northeurope")),
        "replications",
        "retired",
        "",
    ),
    "subnet rule": (
        registry(properties={"networkRuleSet": {"virtualNetworkRules": [{"virtualNetworkSubnetResourceId": SUBNET}]}}),
        "subnet_rule",
        "re-wired",
        "# in the request",
    ),
}


@pytest.mark.parametrize("planted", PLANTED)
def test_what_azure_shows_is_on_the_map(planted: str) -> None:
    """Each with its strategy, and with a command exactly where somebody has to do something."""
    around, kind, strategy, command = PLANTED[planted]
    entry = only(kind, drawn(**around))

    assert (entry.strategy, entry.by_hand) == (strategy, bool(command))
    assert entry.command.startswith(command)
    assert entry.action.startswith("by hand: ") is entry.by_hand


def test_an_app_that_only_keeps_the_registry_in_its_list_is_not_told_to_run_something() -> None:
    """As after a way back: what it runs is another registry's, and the old entry is taken off."""
    listed = {"configuration": {"registries": [{"server": SERVER, "identity": "system"}]}}
    other = listed | {"template": {"containers": [{"image": "other.azurecr.io/a:1"}]}}

    entry = only("container_app", drawn(naming=(resource("Microsoft.App/containerApps", "app", other),)))

    assert entry.tie == "has it among its registries"
    assert "--image" not in entry.command
    assert f"--server {SERVER}" in entry.command.splitlines()[-1]


@pytest.mark.parametrize("planted", INSIDE)
def test_what_is_inside_the_registry_is_on_the_map(planted: str) -> None:
    """Children, keys, identities and rules, which the registry itself tells of."""
    here, kind, strategy, command = INSIDE[planted]
    entry = only(kind, drawn(here))

    assert (entry.strategy, entry.by_hand) == (strategy, bool(command))
    assert entry.command.startswith(command)


def test_every_kind_is_planted_by_a_test() -> None:
    """So that no kind can be named without being found. Tasks and pools have tests of their own."""
    planted = {kind for _, kind, *_ in (*PLANTED.values(), *INSIDE.values())}

    assert KINDS.keys() - planted == {"tasks", "agentPools", "importPipelines"}


def test_a_cluster_without_a_role_is_not_on_the_map() -> None:
    """Nothing ties it to the registry."""
    assert not drawn(clusters=(cluster("another"),), role_assignments=(assignment("kubelet-1"),)).of("re-wired")


def test_a_cluster_gets_the_role_that_the_registry_honours() -> None:
    """With repository permissions AcrPull is not honoured, and `--attach-acr` assigns nothing else."""
    here = registry(properties={"roleAssignmentMode": "AbacRepositoryPermissions"})
    entry = only("cluster", drawn(here, clusters=(cluster(),), role_assignments=(assignment("kubelet-1"),)))

    assert "Container Registry Repository Reader" in entry.command


def test_a_condition_is_copied_as_it_is() -> None:
    """It holds repository names only, never the registry's."""
    condition = "@Request[Microsoft.ContainerRegistry/registries/repositories:name] StringStartsWithIgnoreCase 'p/'"
    entry = only(
        "role_assignment", drawn(role_assignments=(assignment("p", condition=condition, conditionVersion="2.0"),))
    )

    assert "--condition-version 2.0" in entry.command
    assert "StringStartsWithIgnoreCase" in entry.command
    assert "condition" in entry.tie


@pytest.mark.parametrize(
    ("scope", "strategy"),
    [
        (f"/subscriptions/{SUBSCRIPTION}", "shared"),
        (f"/subscriptions/{SUBSCRIPTION}/resourceGroups/contoso-west", "re-created"),
    ],
)
def test_a_role_from_above_is_shared_if_it_covers_the_target(scope: str, strategy: str) -> None:
    """One at the subscription holds for the target too, one at the source's group does not."""
    assert only("role_assignment", drawn(role_assignments=(assignment("p", scope=scope),))).strategy == strategy


def test_general_roles_from_above_are_not_on_the_map() -> None:
    """An owner of the subscription does not depend on the registry."""
    owner = assignment("p", scope=f"/subscriptions/{SUBSCRIPTION}", role="8e3af657-a8ff-443c-a75c-2fe8c4bcb635")

    assert not drawn(role_assignments=(owner,)).dependencies


def test_principals_have_the_names_of_their_resources() -> None:
    """As far as a resource has them; others keep their id."""
    app = resource("Microsoft.App/containerApps", "shop", identity={"principalId": "P-1"})
    found = drawn(role_assignments=(assignment("p-1"), assignment("p-2")), others=(app,))

    assert {entry.name for entry in found.dependencies if entry.kind == "principal"} == {"shop", "p-2"}


def test_a_rule_with_a_mapped_subnet_is_the_services_work() -> None:
    """The request says which subnet of the target is let in instead."""
    here = INSIDE["subnet rule"][0]
    entry = only(
        "subnet_rule", drawn(here, request(subnets={SUBNET.upper().replace("/SUBNETS/", "/subnets/"): SUBNET}))
    )

    assert not entry.by_hand
    assert "the deployment" in entry.action


def test_the_system_s_own_children_are_not_on_the_map() -> None:
    """They come by themselves."""
    here = registry(
        "contosoregistry",
        child("scopeMaps", "_repositories_pull"),
        child("tasks", "quickbuildtask", isSystemTask=True),
    )
    assert not drawn(here).dependencies


def test_a_task_is_created_by_whoever_has_its_secrets() -> None:
    """The command has everything of it but the secret, which is a variable."""
    step = {
        "type": "Docker",
        "contextPath": "https://git/x.git",
        "dockerFilePath": "Dockerfile",
        "imageNames": ["a b:1"],
    }
    timer = {"timerTriggers": [{"schedule": "0 3 * * *"}]}
    entry = only("tasks", drawn(registry("contosoregistry", child("tasks", "build", step=step, trigger=timer))))

    assert entry.tie == "triggered by schedule"
    assert "--image 'a b:1' --git-access-token \"$GIT_TOKEN\"" in entry.command
    assert "--schedule '0 3 * * *'" in entry.command


def test_commands_name_the_subscription_where_it_is_another() -> None:
    """A command without it would look in the wrong place."""
    away = resource("Microsoft.App/containerApps", "app", APP)
    away["id"] = away["id"].replace(SUBSCRIPTION, OTHER)
    entry = only("container_app", drawn(naming=(away,)))
    moved = request(target=target_ref(subscription_id=OTHER))
    token = only("tokens", drawn(INSIDE["token"][0], moved))

    assert f"--subscription {OTHER}" in entry.command
    assert f"--subscription {OTHER}" in token.command
    assert "--subscription" not in only("container_app", drawn(**PLANTED["app"][0])).command


@pytest.mark.parametrize("part", sorted(Surroundings.model_fields.keys() - {"running"}))
def test_what_could_not_be_read_is_said(part: str) -> None:
    """Once on the map and once as a finding; nothing is concluded from it."""
    found = drawn(**{part: Unknown(reason="no right to read it")})

    assert [entry.reason for entry in found.unread] == ["no right to read it"]
    assert [finding.code for finding in findings(found)] == ["could_not_be_read"]


def test_what_azure_never_shows_is_said_without_a_finding() -> None:
    """What runs inside a cluster, and what a service principal of a cluster may do: with how to look."""
    classic = cluster(servicePrincipalProfile={"clientId": "app-1"})
    found = drawn(clusters=(classic,))

    assert [entry.what for entry in found.unread] == [
        "which images the cluster aks runs",
        "whether the cluster aks pulls from the registry",
    ]
    assert not findings(found)


def test_what_a_cluster_runs_is_on_the_map() -> None:
    """Where its logs tell: also for a cluster without a role at the registry, whose pods pull with a secret."""
    images = ("shop/api:1", "shop/cart:2", "shop/pay:3", "shop/web:4")
    by_secret = drawn(clusters=(cluster(),), running={cluster()["id"].lower(): images})
    unread = drawn(clusters=(cluster(),), running={cluster()["id"].lower(): Unknown(reason="no right to query")})
    entry = only("cluster", by_secret)

    assert "it runs shop/api:1, shop/cart:2, shop/pay:3 and 1 more" in entry.tie
    assert entry.by_hand
    assert not by_secret.unread
    assert [(part.what, part.reason) for part in unread.unread] == [
        ("which images the cluster aks runs", "no right to query")
    ]


def test_the_map_survives_json_and_says_nothing_twice() -> None:
    """It is part of a plan, and two private endpoints share a network."""
    found = drawn(endpoints=(ENDPOINT, ENDPOINT | {"id": ENDPOINT["id"] + "2", "name": "pe2"}))

    assert DependencyMap.model_validate_json(found.model_dump_json()) == found
    assert len([entry for entry in found.dependencies if entry.kind == "virtual_network"]) == 1


def test_what_the_deployment_makes_is_not_left_to_people(monkeypatch: pytest.MonkeyPatch) -> None:
    """Private endpoints and diagnostic settings too, as soon as the deployment makes them of the inventory's."""

    def rewritten(kept: Child, _move: Move) -> Moved:
        return kept.model_copy(update={"name": f"{kept.name}-new"}), ()

    monkeypatch.setitem(children.KINDS, "privateEndpoints", rewritten)
    monkeypatch.setitem(children.KINDS, "diagnosticSettings", rewritten)
    here = registry(
        "contosoregistry",
        child("privateEndpoints", "pe", id=ENDPOINT["id"]),
        child("diagnosticSettings", "to-storage", id="/d/to-storage", storageAccountId=f"{SINK}north"),
    )
    found = drawn(here, endpoints=(ENDPOINT,), diagnostic_settings=(SETTING | {"id": "/d/to-storage"},))

    assert not only("private_endpoint", found).by_hand
    assert "--endpoint-name pe-new" in only("dns_zone_group", found).command
    assert not only("diagnostic_setting", found).by_hand
    assert (only("log_sink", found).strategy, only("log_sink", found).by_hand) == ("re-wired", False)
