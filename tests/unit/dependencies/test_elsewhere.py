"""Users of a registry in others' hands: other registries, policies, groups, slots, sidecars, Flux."""

import base64
from typing import Any

import pytest

from acr_relocate.core.dependencies import Dependency
from acr_relocate.core.dependencies.consumers import consumers
from acr_relocate.core.dependencies.downstream import pulls_from
from acr_relocate.core.dependencies.governance import allows_host
from acr_relocate.core.dependencies.raw_surroundings import Surroundings
from tests.support.builders import request
from tests.support.surroundings import GROUP, HERE, SERVER, assignment, cluster, resource
from tests.unit.dependencies.dependency_examples import ALLOWED, FLUX, OTHERS
from tests.unit.dependencies.test_dependencies import drawn, only

RULE = f"{OTHERS}/cacheRules/base"
TASK = f"{OTHERS}/tasks/nightly"


def encoded(text: str) -> dict[str, Any]:
    return {"step": {"type": "EncodedTask", "encodedTaskContent": base64.b64encode(text.encode()).decode()}}


def site(**properties: Any) -> Dependency:
    return only("web_app", drawn(sites=(resource("Microsoft.Web/sites", "web", properties),)))


@pytest.mark.parametrize(
    ("resource_id", "properties", "pulls"),
    [
        (RULE, {"sourceRepository": f"{SERVER.upper()}/base/*"}, True),
        (RULE, {"sourceRepository": f"my{SERVER}/base"}, False),
        (RULE, {"sourceRepository": "mcr.microsoft.com/base"}, False),
        (f"{HERE.id}/cacheRules/own", {"sourceRepository": f"{SERVER}/base"}, False),
        (f"{HERE.id}2/cacheRules/own", {"sourceRepository": f"{SERVER}/base"}, True),
        (TASK, encoded(f"steps:\n- cmd: {SERVER}/tools:1"), True),
        (TASK, encoded("steps:\n- cmd: other.azurecr.io/tools:1"), False),
        (TASK, {"credentials": {"customRegistries": {SERVER: {"identity": "[system]"}}}}, True),
        (TASK, {"step": {"baseImageDependencies": [{"registry": SERVER, "repository": "base"}]}}, True),
    ],
)
def test_another_registry_that_pulls_from_this_one_is_known(
    resource_id: str, properties: dict[str, Any], pulls: bool
) -> None:
    """By its cache rules and by all that a task says; a look-alike and the registry's own children do not count."""
    assert pulls_from({"id": resource_id, "name": "x", "properties": properties}, HERE) is pulls


@pytest.mark.parametrize(
    ("text", "allows"),
    [
        ("^contosoregistry\\.azurecr\\.io/.+$", True),
        ("^(one|contosoregistry)[.]azurecr[.]io/", True),
        ("ContosoRegistry.AzureCR.io", True),
        ("^contosoregistry2\\.azurecr\\.io/", False),
        ("^my-contosoregistry\\.azurecr\\.io/", False),
        ("contosoregistry", False),
    ],
)
def test_a_policy_that_allows_the_host_is_known(text: str, allows: bool) -> None:
    """As plain text and as a regular expression; names that only look like it do not count."""
    rule = {"properties": {"parameters": {"allowedContainerImagesRegex": {"value": text}}}}
    definition = {"properties": {"policyRule": {"then": {"details": {"registryScopes": [text]}}}}}

    assert (allows_host(rule, SERVER), allows_host(definition, SERVER)) == (allows, allows)


def test_a_policy_that_names_the_target_as_well_needs_nothing() -> None:
    """The images of both are allowed."""
    both = {"value": f"^(contosoregistry|{request().target.name})\\.azurecr\\.io/.+$"}
    rule = {"id": f"{GROUP}/providers/Microsoft.Authorization/policyAssignments/images", "name": "images"}
    found = drawn(host_rules=(rule | {"properties": {"parameters": {"regex": both}}},))

    assert (only("host_rule", found).strategy, only("host_rule", found).manual) == ("shared", False)


def test_a_policy_is_on_the_map_once() -> None:
    """One that holds for the registry and names its host is no second entry."""
    rule: dict[str, Any] = {
        "id": f"{GROUP}/providers/Microsoft.Authorization/policyAssignments/images",
        "name": "images",
        "properties": {"parameters": ALLOWED},
    }
    found = drawn(host_rules=(rule,), policies=(rule | {"id": rule["id"].upper()},))

    assert [entry.kind for entry in found.dependencies] == ["host_rule"]


def test_a_cluster_pulls_through_a_group() -> None:
    """It keeps its role through the group, which the cut-over gives its role at the target."""
    found = drawn(
        clusters=(cluster("Kubelet-1"),),
        role_assignments=(assignment("nodes", principalType="Group"),),
        through_groups={"kubelet-1": "nodes"},
    )
    entry = only("cluster", found)

    assert "through the group nodes" in entry.tie
    assert entry.command.startswith("az aks check-acr")


def test_only_the_images_of_the_registry_are_told() -> None:
    """Of a compose file and of sidecars, each container by its own command."""
    compose = f"services:\n  web:\n    image: '{SERVER}/web:1'\n  cache:\n    image: redis:7\n"
    value = f"COMPOSE|{base64.b64encode(compose.encode()).decode()}"
    several = resource(
        "Microsoft.Web/sites",
        "web",
        {"siteConfig": {"linuxFxVersion": "sitecontainers"}},
        sitecontainers=[
            {"name": "main", "properties": {"image": f"{SERVER}/web:1"}},
            {"name": "otel", "properties": {"image": "otel/collector:1"}},
            {"name": "proxy", "properties": {"image": f"{SERVER}/proxy:1"}},
        ],
    )

    assert site(siteConfig={"linuxFxVersion": value}).tie.startswith("runs web:1 and pulls")
    assert only("web_app", drawn(sites=(several,))).command.count("az webapp sitecontainers update") == 2
    assert not drawn(
        sites=(resource("Microsoft.Web/sites", "w", {"siteConfig": {"linuxFxVersion": "NODE|22"}}),)
    ).manual


def test_a_site_that_signs_in_gets_its_password_with_the_image() -> None:
    """The old one opens nothing at the target; one that pulls as itself needs none."""
    config = {"linuxFxVersion": f"DOCKER|{SERVER}/a:1"}

    asked, *command = site(siteConfig=config).command.splitlines()
    assert asked.endswith("read -r REGISTRY_USER; read -rs REGISTRY_PASSWORD")
    assert '"${REGISTRY_PASSWORD:?}"' in "\n".join(command)
    assert "PASSWORD" not in site(siteConfig=config | {"acrUseManagedIdentityCreds": True}).command


def test_flux_is_told_its_new_address() -> None:
    """With the cluster that it runs in, Azure's or connected by Arc; other settings are looked at by a person."""
    entry = only("flux_configuration", drawn(naming=(FLUX,)))
    other = FLUX | {"properties": {"Kustomizations": {"a": {"PostBuild": {"Substitute": {"host": SERVER}}}}}}

    assert entry.tie == "the cluster edge fetches deploy/apps from the registry"
    assert "--cluster-type connectedClusters" in entry.command
    assert only("other_user", drawn(naming=(other,))).manual


def test_a_registry_whose_name_begins_like_this_one_is_another() -> None:
    """`contosoregistry2` in the same group is not one of the registry's own children."""
    near = resource("Microsoft.ContainerRegistry/registries/connected", "x") | {"id": f"{HERE.id}2/connected/x"}

    assert only("other_user", drawn(naming=(near,))).id == near["id"]


def test_trust_policies_in_a_cluster_are_to_be_looked_at() -> None:
    """Ratify keeps the registries whose signatures count where Azure does not look."""
    found = drawn(clusters=(cluster(securityProfile={"imageIntegrity": {"enabled": True}}),))

    assert "registryScopes" in " ".join(entry.reason for entry in found.unread)


def test_what_pulls_from_elsewhere_keeps_the_source() -> None:
    """Cache rules, tasks, Flux and slots are consumers: the source is not deleted under them."""
    rule: dict[str, Any] = {
        "id": RULE,
        "name": "base",
        "properties": {"sourceRepository": f"{SERVER}/base", "targetRepository": "base"},
    }
    task = {"id": TASK, "name": "nightly", "properties": {}}
    slot = resource("Microsoft.Web/sites", "web/slots/next", {"siteConfig": {"linuxFxVersion": f"DOCKER|{SERVER}/a:1"}})
    around = Surroundings(naming=(FLUX,), downstream=(rule, task), sites=(slot,))

    assert {entry.kind for entry in consumers(HERE, around, request())} == {
        "downstream_rule",
        "downstream_task",
        "flux_configuration",
        "web_app",
    }
