"""Refusals of a source's deletion, the questions asked instead, and the things that go with the registry."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from pydantic import ValidationError

from acr_relocate.core.checks import Lock, Unknown
from acr_relocate.core.dependencies import Surroundings
from acr_relocate.core.dependencies.raw_surroundings import OddRow
from acr_relocate.core.errors import NotFound
from acr_relocate.core.registry.inventory import Content
from acr_relocate.core.removal import (
    DeletionEvidence,
    Detached,
    PendingDeletion,
    RegistryUse,
    deletion_blockers,
    deletion_of,
    finish_in_words,
    logs_of_use,
    release_actions,
    releases,
    unknowable_facts,
)
from acr_relocate.core.removal.source_detachments import remaining_at_source
from acr_relocate.core.removal.whole_copy import CopyCheck, MissingPart
from acr_relocate.core.report.report import Report, Verdict
from acr_relocate.core.request.identity import PLAN_TAG, relocation_id
from acr_relocate.core.verification import RegistrySnapshot, SnapshotPair, difference
from tests.support.builders import SUBSCRIPTION, child, content, image, registry, repository, request
from tests.support.surroundings import ACR_PULL, SUBNET, assignment, cluster, resource

HERE = registry()
THERE = registry("contosoregistryne", tags={PLAN_TAG: relocation_id(request())})
HELD = content(repository("app", image("a"), v1="a"), repository("web", image("w"), v1="w"))
AKS = cluster()
NODES, US, THEM, ALL = (f"{number}0000000-0000-0000-0000-000000000000" for number in range(1, 5))
OWNER = "8e3af657-a8ff-443c-a75c-2fe8c4bcb635"
SITE = resource("Microsoft.App/containerApps", "shop", {"image": f"{HERE.login_server}/app:v1"})
WORKSPACE = f"/subscriptions/{SUBSCRIPTION}/resourceGroups/g/providers/Microsoft.OperationalInsights/workspaces/logs"


def evidence(around: Surroundings | None = None, **fields: Any) -> DeletionEvidence:
    """All speaks for the deletion, but for the given."""
    target = fields.pop("target", THERE)
    pair = SnapshotPair(
        source=RegistrySnapshot(registry=HERE, content=HELD, around=around or Surroundings()),
        target=RegistrySnapshot(registry=target, content=HELD),
    )
    asked = request(**fields.pop("asked", {}))
    return DeletionEvidence(
        **({"request": asked, "pair": pair, "held": HELD, "kept": HELD, "differences": (), "uses": ()} | fields)
    )


def lock(scope: str) -> Surroundings:
    return Surroundings(locks=(Lock(scope=scope, name="keep", level="CanNotDelete", notes="CHG-7"),))


def clusters(running: Any = None) -> Surroundings:
    """A cluster whose nodes have a role at the source."""
    logs = {} if running is None else {AKS["id"].lower(): running}
    return Surroundings(clusters=(AKS,), role_assignments=(assignment("kubelet-1"),), running=logs)


OBSTACLES: dict[str, tuple[DeletionEvidence, list[str]]] = {
    "nothing": (evidence(), []),
    "a difference": (evidence(differences=(difference("tag", "v1", "app:v1 is missing"),)), ["not_verified"]),
    "what only the target has is no difference": (evidence(differences=(difference("extra", "v2", "more"),)), []),
    "a target without a tag": (evidence(target=registry("contosoregistryne")), ["target_is_of_another_relocation"]),
    "a forged plan id": (
        evidence(target=registry("contosoregistryne", tags={PLAN_TAG: "0123456789ab"})),
        ["target_is_of_another_relocation"],
    ),
    "an app that names it": (evidence(Surroundings(naming=(SITE,))), ["consumer_still_bound"]),
    "a cluster that runs its images": (evidence(clusters(("app:v1",))), ["consumer_still_bound"]),
    "a cluster that runs none of them": (evidence(clusters(())), []),
    "a cluster without logs is for a person to decide": (evidence(clusters(Unknown(reason="off"))), []),
    "pulls, an obstacle for each who pulled": (
        evidence(uses=(RegistryUse(identity="ci", repository="app"), RegistryUse(identity="ci", repository="b"))),
        ["pulled_lately"],
    ),
    "unknown pulls are for a person": (evidence(uses=Unknown(reason="no logs")), []),
    "consumers that could not be read": (evidence(Surroundings(naming=Unknown(reason="no"))), ["could_not_be_read"]),
    "an app about which Azure answered oddly": (
        evidence(Surroundings(odd=(OddRow(part="naming", name="shop", id="/x/shop", reason="it has no type"),))),
        ["could_not_be_read"],
    ),
    "an odd answer about what consumes nothing": (
        evidence(Surroundings(odd=(OddRow(part="alerts", name="a", id="/x/a", reason="odd"),))),
        [],
    ),
    "a lock on the group": (evidence(lock(HERE.id.partition("/providers/")[0])), ["locked_from_above"]),
    "a source of the same target that is not moved yet": (evidence(unmoved=("books",)), ["other_source_not_moved"]),
    "a lock of its own is lifted": (evidence(lock(HERE.id)), []),
}


@pytest.mark.parametrize("case", OBSTACLES)
def test_what_is_in_the_way(case: str) -> None:
    """Each forbids the deletion by itself, and says what to do."""
    given, expected = OBSTACLES[case]

    found = deletion_blockers(given)

    assert [finding.code for finding in found] == expected
    assert all(finding.remedy for finding in found)


def test_what_nobody_knows_is_in_the_question_and_its_reason_does_not_void_an_approval() -> None:
    """Azure's words for why it does not tell may differ from one minute to the next."""
    first, second = (evidence(clusters(), uses=Unknown(reason=reason)) for reason in ("one", "other"))

    assert list(unknowable_facts(first)) == [
        "whether anybody pulled in the last 14 days",
        "whether the cluster aks runs its images",
        "whether repositories hide from its catalogue (listEnabled=false)",
        "whether anything outside Azure names it",
    ]
    assert "(one)" in deletion_of(first).question
    assert deletion_of(first).facts_digest == deletion_of(second).facts_digest


@pytest.mark.parametrize(
    "other",
    [
        {"held": content(repository("app", image("a"), v1="a"))},
        {"kept": content(repository("app", image("a"), v1="a"))},
        {"held": content(repository("app", image("a"), v2="a"), repository("web", image("w"), v1="w"))},
        {"around": lock(HERE.id)},
        {"uses": Unknown(reason="no logs")},
    ],
    ids=["something deleted", "something lost at the target", "a tag renamed", "a lock", "logs gone"],
)
def test_whatever_changes_voids_the_approval(other: dict[str, Any]) -> None:
    """An approval is for exactly what there was."""
    assert deletion_of(evidence(**other)).digest != deletion_of(evidence()).digest


def test_what_is_lost_is_said() -> None:
    """A repository of which the target lacks a tag counts, selected or not."""
    kept: Content = content(repository("app", image("a"), v1="a"), repository("web", image("w")))

    assert "Lost, because the target does not have it: web:v1." in deletion_of(evidence(kept=kept)).question


def test_what_nobody_has_decided_is_said() -> None:
    """Users of a private endpoint without a successor lose their way with the source."""
    links = [{"properties": {"groupIds": ["registry"]}}]
    endpoint = child("privateEndpoints", "pe", "westeurope", subnet={"id": SUBNET}, privateLinkServiceConnections=links)
    here = RegistrySnapshot(registry=registry("contosoregistry", endpoint), content=HELD)
    pair = SnapshotPair(source=here, target=RegistrySnapshot(registry=THERE, content=HELD))

    asked = deletion_of(evidence(pair=pair))

    assert "Not decided yet: Private endpoint pe is not created" in asked.question
    assert asked.digest != deletion_of(evidence()).digest


def test_what_is_taken_first_can_be_given_back() -> None:
    """Locks first, because they forbid the rest; not the role that lets us delete; no role that is given from above."""
    subscription = f"/subscriptions/{SUBSCRIPTION}"
    setting = {"id": f"{HERE.id}/x/diagnosticSettings/d", "name": "d", "properties": {"workspaceId": WORKSPACE}}
    custom, owner = assignment(THEM, role="c0ffee00-0000-0000-0000-000000000000"), assignment(THEM, role=OWNER)
    around = lock(HERE.id).model_copy(
        update={
            "role_assignments": (assignment(NODES), assignment(US), assignment(ALL, subscription), custom, owner),
            "diagnostic_settings": (setting,),
        }
    )

    facts = releases(evidence(around, ourselves=(US,)))
    taken = release_actions(facts, HERE.id)

    assert Detached.model_validate_json(facts.model_dump_json()) == facts
    told = PendingDeletion(since="2026-11-30T10:00:00", taken=facts).message
    assert told.startswith(f"{HERE.name} is without 1 lock, 1 role, 1 diagnostic setting since 2026-11-30T10:00:00")
    assert [entry.id for entry in remaining_at_source(evidence(around))] == [custom["id"]]
    assert [(one.kind, one.call.method) for one in taken] == [
        ("lock", "DELETE"),
        ("role_assignment", "DELETE"),
        ("diagnostic_setting", "DELETE"),
    ]
    assert taken[0].undo[0].body == {"properties": {"level": "CanNotDelete", "notes": "CHG-7"}}
    assert taken[1].undo[0].body["properties"]["principalId"] == NODES
    assert taken[2].undo[0].body["properties"]["workspaceId"] == WORKSPACE
    assert all(call.path.startswith(f"{HERE.id}/providers/") for one in taken for call in (one.call, *one.undo))


@pytest.mark.parametrize(
    "forged",
    [
        {"roles": [{"name": NODES, "role": OWNER, "principal_id": THEM}]},
        {"roles": [{"name": "../../x", "role": ACR_PULL, "principal_id": THEM}]},
        {"locks": [{"name": "keep/../../../elsewhere", "level": "CanNotDelete"}]},
        {"locks": [{"name": "keep?x=", "level": "CanNotDelete"}]},
        {"settings": [{"name": "d", "workspace": "https://elsewhere.example/"}]},
        {"releases": []},
    ],
    ids=[
        "a role that opens more",
        "a path",
        "a path in a lock's name",
        "a query",
        "a host",
        "calls of an earlier version",
    ],
)
def test_a_forged_record_is_not_read(forged: dict[str, Any]) -> None:
    """A record says facts of closed kinds about the registry itself, or nothing."""
    with pytest.raises(ValidationError):
        Detached.model_validate({"registry_id": HERE.id.lower(), **forged})


def test_pushes_in_the_soak_period_are_in_the_way() -> None:
    """By the registry's own dates, whatever its logs say; what was pushed before is not."""
    late, early = datetime(2026, 11, 20, tzinfo=UTC), datetime(2026, 1, 1, tzinfo=UTC)
    old, new = (replace(image(name), updated=at) for name, at in (("a", early), ("b", late)))
    held = content(repository("app", old, new)).model_copy(update={"listed_at": datetime(2026, 11, 30, tzinfo=UTC)})

    found = deletion_blockers(evidence(held=held, kept=held))

    assert [finding.code for finding in found] == ["pushed_lately"]
    assert f"app@{new.digest} was pushed" in found[0].message


def test_a_part_that_only_the_source_has_is_in_the_way() -> None:
    """Content that neither registry has is lost already: the question names it, and the deletion may go on."""
    part = MissingPart(repository="app", manifest="sha256:a", digest="sha256:layer")

    found = deletion_blockers(evidence(copy_check=CopyCheck(manifests=1, blobs=2, missing=(part,))))
    asked = deletion_of(evidence(copy_check=CopyCheck(manifests=1, blobs=2, broken=(part,))))

    assert [finding.code for finding in found] == ["copy_not_whole"]
    assert "--image app@sha256:a" in found[0].remedy
    assert "neither registry has sha256:layer of app@sha256:a" in asked.question
    assert "asked for each of the 2 blobs of 1 manifest (HEAD)" in asked.question


@pytest.mark.parametrize(
    ("log", "tells"),
    [
        ({"category": "ContainerRegistryRepositoryEvents", "enabled": True}, True),
        ({"categoryGroup": "allLogs", "enabled": True}, True),
        ({"category": "ContainerRegistryRepositoryEvents", "enabled": False}, False),
        ({"category": "ContainerRegistryLoginEvents", "enabled": True}, False),
    ],
)
def test_only_logs_of_repository_events_tell_of_pulls(log: dict[str, Any], tells: bool) -> None:
    """Another category says nothing about them, so that it is not asked."""
    setting = {"properties": {"workspaceId": WORKSPACE, "logs": [log]}}

    assert bool(logs_of_use(Surroundings(diagnostic_settings=(setting,)))) is tells


def reported(verdict: Verdict, target: str = "") -> Report:
    asked = request()
    ids = {"source_id": asked.source.resource_id.upper(), "target_id": target or asked.target_id}
    return Report(plan_id="", embedded=False, verdict=verdict, ended_at="2026-11-26T10:00:00+00:00", **ids)


def test_a_source_that_we_deleted_is_remembered() -> None:
    """By the report of the deletion, whatever was run before or after."""
    said = finish_in_words(request(), [reported("relocated"), reported("deleted"), reported("relocated")])

    assert "contosoregistry was deleted on 2026-11-26" in said


@pytest.mark.parametrize("known", [[], [reported("relocated")], [reported("deleted", "/another/target")]])
def test_a_source_that_is_gone_is_not_said_to_be_relocated(known: list[Report]) -> None:
    """Somebody else may have deleted it half-way."""
    with pytest.raises(NotFound, match="no report of who deleted it"):
        finish_in_words(request(), known)
