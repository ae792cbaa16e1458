"""A cluster proves that it can pull from the target; and the map says what the cut-over does instead of people."""

from dataclasses import replace
from typing import Any

import pytest

from acr_relocate.core.cut_over import (
    CutOver,
    CutOverAction,
    before_pull_tests,
    build_cut_over,
    pull_refusal,
    with_cut_over,
    with_values,
)
from acr_relocate.core.cut_over.pull_tests import PULLED
from acr_relocate.core.dependencies import Surroundings, build_map
from acr_relocate.core.registry.inventory import Content
from tests.support.builders import SUBSCRIPTION, content, digest, image, registry, repository, request
from tests.support.surroundings import assignment, cluster

HERE = registry()
HELD = content(repository("app", image("one"), v1="one"))
ATTACHED = {"clusters": (cluster(),), "role_assignments": (assignment("kubelet-1"),)}


def drawn(held: Content | None = HELD, **around: Any) -> CutOver:
    return build_cut_over(HERE, Surroundings(**around), request(), None, held)


def pull(held: Content | None = HELD, **around: Any) -> CutOverAction:
    (action,) = [one for one in drawn(held, **{**ATTACHED, **around}).actions if one.mark]
    return action


class TestPull:
    def test_a_node_pulls_after_its_role_has_been_given(self) -> None:
        """Run in the cluster, by its login server as Azure tells it, with the digest."""
        action = with_values(pull(), {"HOST-OF-THE-TARGET": "contosoregistryne-abc.azurecr.io"})

        assert action.call.path == f"{cluster()['id']}/runCommand"
        assert f"--image=contosoregistryne-abc.azurecr.io/app@{digest('one')} " in action.call.body["command"]
        assert action.wave > max(one.wave for one in drawn(**ATTACHED).actions if not one.mark)

    def test_all_but_the_pull_can_be_done_before_there_is_content(self) -> None:
        """Where a name is kept, access is given before the images arrive."""
        early = before_pull_tests(drawn(**ATTACHED).actions)

        assert pull() not in early
        assert {one.kind for one in early} >= {"role_assignment"}

    def test_that_it_has_pulled_is_written_into_the_description_of_its_role(self) -> None:
        """So that it need not pull again: nothing else of a pull remains in Azure."""
        action = pull()

        assert action.look.expected
        assert action.look.expected["properties"]["description"] == PULLED
        assert action.mark
        assert action.mark.body["properties"]["description"] == PULLED
        assert action.mark.path in {one.call.path for one in drawn(**ATTACHED).actions}

    def test_it_pulls_what_it_runs_where_its_logs_tell(self) -> None:
        """That is what has to work in the end."""
        held = content(repository("app", image("one"), v1="one"), repository("big", image("two", size=9000), v2="two"))

        assert "/big:v2 " in pull(held, running={cluster()["id"].lower(): ("gone:v1", "big:v2")}).call.body["command"]

    def test_what_is_no_image_is_not_pulled(self) -> None:
        """Charts, signatures and whatever has no tag are smaller, and no node could unpack them."""
        chart_ = replace(image("chart", size=1), artifact_type="application/vnd.cncf.helm.config.v1+json")
        signed = repository(
            "app", image("s", size=2), image("one"), image("bare", size=3), **{"x.sig": "s", "v1": "one"}
        )

        action = pull(content(repository("charts", chart_, v1="chart"), signed))
        assert f"app@{digest('one')} " in action.call.body["command"]

    @pytest.mark.parametrize(
        ("own", "held", "reason"),
        [
            ({"powerState": {"code": "Stopped"}}, HELD, "it is stopped"),
            ({"apiServerAccessProfile": {"disableRunCommand": True}}, HELD, "disableRunCommand"),
            ({}, None, "no image"),
            ({}, content(), "no image"),
        ],
    )
    def test_a_cluster_that_cannot_be_asked_is_left_to_people(
        self, own: dict[str, Any], held: Content | None, reason: str
    ) -> None:
        """With the command that asks a node without pulling."""
        action = pull(held, clusters=(cluster(**own),))

        assert reason in action.refused
        assert action.instead.startswith("az aks check-acr")

    def test_a_role_that_covers_both_registries_proves_itself(self) -> None:
        """Nothing changes for such a cluster."""
        covering = assignment("kubelet-1", scope=f"/subscriptions/{SUBSCRIPTION}")

        assert not drawn(clusters=(cluster(),), role_assignments=(covering,)).actions

    def test_only_exit_status_0_proves_something(self) -> None:
        """Otherwise the cluster's own words say why."""
        assert pull_refusal({"properties": {"exitCode": 0, "logs": "a warning"}}) == ""
        assert pull_refusal({"properties": {"exitCode": 1, "logs": "401 Unauthorized\n"}}) == "401 Unauthorized"
        assert pull_refusal({})


class TestPromises:
    def test_what_the_cut_over_does_is_not_left_to_people(self) -> None:
        """The map of the plan says the same as the plan's steps."""
        around = Surroundings(**ATTACHED)
        before = build_map(HERE, around, request())
        after = with_cut_over(before, drawn(**ATTACHED))

        kinds = {entry.kind: entry for entry in after.dependencies}
        assert kinds["role_assignment"].action.startswith("the cut-over: give kubelet-1 the role AcrPull")
        assert not kinds["role_assignment"].manual
        assert kinds["cluster"].manual  # what it runs still has to name the target
        assert "references scan" in kinds["cluster"].command
        assert "attach-acr" not in kinds["cluster"].command
        assert len(after.dependencies) == len(before.dependencies)

    def test_what_it_refuses_to_do_is_left_to_people_with_the_reason(self) -> None:
        """The command is still there."""
        lister = assignment("p", role="bfdb9389-c9a5-478a-bb2f-ba9ca092c3c7")
        around = Surroundings(role_assignments=(lister,))
        after = with_cut_over(build_map(HERE, around, request()), drawn(role_assignments=(lister,)))

        (entry,) = [one for one in after.dependencies if one.kind == "role_assignment"]
        assert entry.manual
        assert "no role that lists and does not pull" in entry.action
        assert entry.command.startswith("az role assignment create")
