"""The dependency map: what each thing that Azure shows becomes in it, and what it never claims."""

from typing import Any

import pytest

from acr_relocate.core.checks import Unknown
from acr_relocate.core.dependencies import (
    DEPENDENCY_KINDS,
    Dependency,
    DependencyMap,
    Surroundings,
    build_map,
    findings,
)
from acr_relocate.core.registry.inventory import Child, Registry
from acr_relocate.core.request.relocation import RelocationRequest
from acr_relocate.core.target import children
from acr_relocate.core.target.children.move import Move, Moved
from tests.support.builders import SUBSCRIPTION, child, registry, request, target_ref
from tests.support.surroundings import HERE, OTHER, SERVER, SUBNET, assignment, cluster, resource
from tests.unit.dependencies.dependency_examples import APP, ENDPOINT, INSIDE, PLANTED, SETTING, SINK


def drawn(here: Registry = HERE, asked: RelocationRequest | None = None, **around: Any) -> DependencyMap:
    return build_map(here, Surroundings(**around), asked or request())


def only(kind: str, found: DependencyMap) -> Dependency:
    (entry,) = [entry for entry in found.dependencies if entry.kind == kind]
    return entry


@pytest.mark.parametrize("planted", PLANTED)
def test_what_azure_shows_is_on_the_map(planted: str) -> None:
    """Each with its strategy, and with a command exactly where somebody has to do something."""
    around, kind, strategy, command = PLANTED[planted]
    entry = only(kind, drawn(**around))

    assert (entry.strategy, entry.manual) == (strategy, bool(command))
    assert command in entry.command
    assert entry.action.startswith("manual: ") is entry.manual


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

    assert (entry.strategy, entry.manual) == (strategy, bool(command))
    assert entry.command.startswith(command)


def test_every_kind_is_planted_by_a_test() -> None:
    """So that no kind can be named without being found. Tasks and pools have tests of their own."""
    planted = {kind for _, kind, *_ in (*PLANTED.values(), *INSIDE.values())}

    assert DEPENDENCY_KINDS.keys() - planted == {"tasks", "agentPools", "importPipelines"}


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

    assert not entry.manual
    assert "the cut-over" in entry.action


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


@pytest.mark.parametrize("part", sorted(Surroundings.model_fields.keys() - {"running", "odd"}))
def test_what_could_not_be_read_is_said(part: str) -> None:
    """Once on the map and once as a finding; nothing is concluded from it."""
    found = drawn(**{part: Unknown(reason="no right to read it")})

    assert [entry.reason for entry in found.unread] == ["no right to read it"]
    assert [finding.code for finding in findings(found)] == ["could_not_be_read"]


def test_what_azure_never_shows_is_said_without_a_finding() -> None:
    """Workloads inside a cluster and roles of a cluster's service principal are listed with how to look."""
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
    assert entry.manual
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

    monkeypatch.setitem(children.REWRITES, "privateEndpoints", rewritten)
    monkeypatch.setitem(children.REWRITES, "diagnosticSettings", rewritten)
    here = registry(
        "contosoregistry",
        child("privateEndpoints", "pe", id=ENDPOINT["id"]),
        child("diagnosticSettings", "to-storage", id="/d/to-storage", storageAccountId=f"{SINK}north"),
    )
    found = drawn(here, endpoints=(ENDPOINT,), diagnostic_settings=(SETTING | {"id": "/d/to-storage"},))

    assert not only("private_endpoint", found).manual
    assert "--endpoint-name pe-new" in only("dns_zone_group", found).command
    assert not only("diagnostic_setting", found).manual
    assert (only("log_sink", found).strategy, only("log_sink", found).manual) == ("re-wired", False)


CONTRIBUTOR = "b24988ac-6180-42a0-ab88-20f7382dd24c"
CACHE_RULE_READER = "C357B964-0002-4B64-A50D-7A28F02EDC52"


def test_a_general_role_above_the_source_alone_is_named() -> None:
    """It may be what lets somebody pull; where the target is beneath as well, it goes on holding."""
    group, subscription = HERE.id.partition("/providers/")[0], f"/subscriptions/{SUBSCRIPTION}"
    here = only("role_assignment", drawn(role_assignments=(assignment("p", group, CONTRIBUTOR),)))
    both = drawn(role_assignments=(assignment("p", subscription, CONTRIBUTOR),))

    assert (here.strategy, here.manual) == ("manual", True)
    assert here.name == "Contributor for p"
    assert here.command.startswith("az role assignment create")
    assert not [entry for entry in both.dependencies if entry.kind == "role_assignment"]


def test_roles_about_a_registry_are_known_in_any_spelling() -> None:
    """Those above the source too, which the target gets."""
    group = HERE.id.partition("/providers/")[0]
    entry = only("role_assignment", drawn(role_assignments=(assignment("p", group, CACHE_RULE_READER),)))

    assert (entry.name, entry.strategy) == ("Container Registry Cache Rule Reader for p", "re-created")
