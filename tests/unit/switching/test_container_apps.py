"""The changes of a container app as merge patches: to the target and back to the same bytes, and nothing else."""

import copy
from typing import Any

import pytest

from acr_relocate.core.errors import RecordBroken
from acr_relocate.core.switching import SwitchedDependent, require_true_servers
from acr_relocate.core.switching.container_apps import (
    changed_since,
    facts_of_app,
    has_all_traffic,
    revision_health,
    to_source,
    to_target,
    traffic_to,
    why_not_switched,
    without_source,
)
from local_azure.services.container_apps import merge_patch
from tests.support.surroundings import GROUP, HERE, SERVER

TARGET = "contosoregistryne.azurecr.io"
ENTRY = {"server": SERVER, "identity": "system", "username": "", "passwordSecretRef": ""}
OTHER = {"server": "docker.io", "username": "reader", "passwordSecretRef": "hub", "identity": ""}
SECRET = {"name": "KEY", "value": "not-a-real-secret"}


def app(*registries: dict[str, Any], mode: str = "Single", traffic: Any = None, **template: Any) -> dict[str, Any]:
    main = {"name": "main", "image": f"{SERVER}/shop/web:1.4", "env": [SECRET], "resources": {"cpu": 0.5}}
    configuration = {
        "activeRevisionsMode": mode,
        "registries": list(registries),
        "secrets": [{"name": "hub"}],
        "ingress": {"targetPort": 80, "traffic": traffic} if traffic else None,
    }
    return {
        "id": f"{GROUP}/providers/Microsoft.App/containerApps/shop",
        "properties": {
            "latestRevisionName": "shop--1",
            "latestReadyRevisionName": "shop--1",
            "configuration": configuration,
            "template": {"containers": [main], "scale": {"minReplicas": 1}} | template,
        },
    }


def facts(of: dict[str, Any]) -> SwitchedDependent:
    return facts_of_app("container_app", of, registry_id=HERE.id, source_server=HERE.login_server, target_server=TARGET)


def patched(before: dict[str, Any], *patches: dict[str, Any]) -> dict[str, Any]:
    for patch in patches:
        before = merge_patch(before, patch)
    return before


APPS = {
    "an identity": app(ENTRY),
    "among others": app(OTHER, ENTRY, OTHER | {"server": "ghcr.io"}),
    "the target is there already": app(ENTRY, ENTRY | {"server": TARGET}),
    "a digest, an init container and a sidecar": app(
        ENTRY,
        containers=[
            {"name": "main", "image": f"{SERVER}/shop/web@sha256:{'a' * 64}"},
            {"name": "proxy", "image": "mcr.microsoft.com/proxy:1"},
        ],
        initContainers=[{"name": "main", "image": f"{SERVER}/shop/setup:2"}],
    ),
    "pulls without signing in": app(),
    "only an entry": app(ENTRY, containers=[{"name": "main", "image": "mcr.microsoft.com/hello:1"}]),
}


@pytest.mark.parametrize("before", APPS.values(), ids=APPS)
def test_to_the_target_and_back_it_is_the_same_to_the_byte(before: dict[str, Any]) -> None:
    """Also from halfway, while both registries are among its registries; afterwards nothing names the source."""
    untouched, former = copy.deepcopy(before), facts(before)
    halfway = patched(before, to_target(before, former))
    switched = patched(halfway, without_source(halfway, former))

    assert SERVER in str(before)
    assert SERVER not in str(switched)
    assert patched(halfway, to_source(halfway, former)) == untouched
    assert patched(switched, to_source(switched, former)) == untouched
    assert to_source(untouched, former) == to_target(switched, former) == {}
    assert SwitchedDependent.model_validate_json(former.model_dump_json()) == former


def test_the_facts_have_no_setting_that_is_not_about_the_registry() -> None:
    """Neither an environment variable nor another registry's user."""
    told = facts(APPS["among others"]).model_dump_json()

    assert SECRET["value"] not in told
    assert "reader" not in told


def test_secrets_are_in_no_patch() -> None:
    """The list of secrets without their values would delete them."""
    before = APPS["among others"]
    former = facts(before)

    for patch in (to_target(before, former), to_source(patched(before, to_target(before, former)), former)):
        assert "secrets" not in patch["properties"]["configuration"]


def test_a_suffix_goes_because_two_revisions_cannot_have_the_same() -> None:
    before = app(ENTRY, revisionSuffix="v14")

    assert to_target(before, facts(before))["properties"]["template"]["revisionSuffix"] is None


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"containers": [{"name": "main", "image": f"{TARGET}/shop/web:2"}]}, "runs"),
        ({"containers": [{"name": "other", "image": f"{SERVER}/shop/web:1.4"}]}, "no container main"),
    ],
)
def test_what_somebody_else_has_changed_since_is_seen(change: dict[str, Any], why: str) -> None:
    former = facts(app(ENTRY))

    assert why in changed_since(app(ENTRY, **change), former)
    assert changed_since(app(ENTRY), former) == ""
    assert "neither registry" in changed_since(app(OTHER), former)


LATEST = [{"latestRevision": True, "weight": 100, "label": "live"}]
PINNED = [{"revisionName": "shop--1", "weight": 100}, {"revisionName": "shop--0", "weight": 0, "label": "old"}]


class TestSeveralRevisions:
    """In multiple-revision mode the traffic moves last, and nowhere else than the former one was."""

    @pytest.mark.parametrize("traffic", [LATEST, PINNED])
    def test_the_traffic_stays_until_it_is_moved_in_steps(self, traffic: list[dict[str, Any]]) -> None:
        before = app(ENTRY, mode="Multiple", traffic=traffic)
        former = facts(before)
        halfway = patched(before, to_target(before, former))
        tenth = patched(halfway, traffic_to(former, "shop--2", 10))
        moved = patched(tenth, traffic_to(former, "shop--2", 100))

        assert {name: weight for name, weight in _weights(halfway).items() if weight} == {"shop--1": 100}
        assert {name: weight for name, weight in _weights(tenth).items() if weight} == {"shop--1": 90, "shop--2": 10}
        assert has_all_traffic(moved, former, "shop--2")
        assert not has_all_traffic(tenth, former, "shop--2")
        assert patched(moved, to_source(moved, former)) == before

    @pytest.mark.parametrize(
        "traffic",
        [
            None,
            [{"revisionName": "shop--1", "weight": 80}, {"revisionName": "shop--0", "weight": 20}],
            [{"revisionName": "shop--0", "weight": 100}],
        ],
    )
    def test_a_split_that_means_something_is_left_to_people(self, traffic: list[dict[str, Any]] | None) -> None:
        assert why_not_switched(app(ENTRY, mode="Multiple", traffic=traffic), SERVER)


def _weights(of: dict[str, Any]) -> dict[str, int]:
    shares = of["properties"]["configuration"]["ingress"]["traffic"]
    return {one.get("revisionName", "latest"): one["weight"] for one in shares}


@pytest.mark.parametrize(
    ("entry", "why"),
    [
        ({"username": "shop", "passwordSecretRef": "pull"}, "user name and a password"),
        ({"identity": ""}, "neither an identity"),
        ({}, ""),
    ],
)
def test_a_password_is_never_read(entry: dict[str, Any], why: str) -> None:
    """Such an app stays with people, who know it."""
    said = why_not_switched(app(ENTRY | entry), SERVER)

    assert why in said
    assert bool(said) == bool(why)


@pytest.mark.parametrize(
    ("states", "ready", "expected"),
    [
        (("Provisioned", "Running", "Healthy"), True, "ready"),
        (("Provisioned", "RunningAtMaxScale", "Healthy"), True, "ready"),
        (("Provisioned", "ScaledToZero", "None"), True, "ready"),
        (("Provisioned", "Running", "Healthy"), False, "waiting"),
        (("Provisioned", "Running", "Unhealthy"), True, "waiting"),
        (("Provisioning", "Processing", "None"), True, "waiting"),
        (("Provisioned", "Degraded", "Unhealthy"), True, "waiting"),
        (("Provisioned", "Failed", "Unhealthy"), False, "failed"),
        (("Failed", "Failed", "None"), False, "failed"),
    ],
)
def test_health_is_what_azure_says_of_the_latest_revision(
    states: tuple[str, str, str], ready: bool, expected: str
) -> None:
    """It has to be the one that Azure calls ready, and to run the target's images."""
    before = app(ENTRY)
    former = facts(before)
    after = patched(before, to_target(before, former))
    after["properties"] |= {
        "latestRevisionName": "shop--2",
        "latestReadyRevisionName": "shop--2" if ready else "shop--1",
    }
    own = dict(zip(("provisioningState", "runningState", "healthState"), states, strict=True))
    revision = {"name": "shop--2", "properties": own | {"template": after["properties"]["template"]}}

    assert revision_health(after, revision, former, TARGET).state == expected
    assert revision_health(after, revision, former, SERVER).state != "ready"


@pytest.mark.parametrize(
    "forged",
    [
        {"dependent_id": f"{GROUP}/providers/Microsoft.Web/sites/shop"},
        {"dependent_id": f"{GROUP}/providers/Microsoft.App/containerApps/shop?x="},
        {"images": [{"container": "main", "image": "evil.example/shop:1"}]},
        {"images": [], "entry": None},
        {"entry": {"server": "evil.example", "identity": "system", "position": 0}},
        {"env": {"KEY": "x"}},
    ],
    ids=str,
)
def test_a_record_that_no_switch_writes_is_refused(forged: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"(?s)validation error"):
        SwitchedDependent.model_validate(facts(app(ENTRY)).model_dump() | forged)


@pytest.mark.parametrize(
    ("source", "target"),
    [(SERVER, "other.azurecr.io"), ("other.azurecr.io", TARGET), ("", TARGET), ("", "")],
)
def test_a_record_of_other_hosts_is_refused(source: str, target: str) -> None:
    """It could let an app run a stranger's images; of a source that is gone nothing can be checked."""
    with pytest.raises(RecordBroken, match=r"^The record of a switch of shop names the host contosoregistry"):
        require_true_servers(facts(app(ENTRY)), source, target)


@pytest.mark.parametrize("target", [TARGET.upper(), ""])
def test_a_record_of_the_hosts_that_azure_names_is_read(target: str) -> None:
    """In any case; without the target too, so that an app can get its former value again."""
    require_true_servers(facts(app(ENTRY)), SERVER.upper(), target)
