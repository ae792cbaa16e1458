"""Which registries a batch has, in which order they begin, and what each needs next."""

from collections.abc import Sequence
from typing import Any

import pytest
import yaml

from acr_relocate.core.batch.expand import BatchMember, GraphRegistry, expand
from acr_relocate.core.batch.report import batch_document, batch_report, batch_summary
from acr_relocate.core.batch.request import BatchRequest, parse_batch
from acr_relocate.core.batch.schedule import Attempt, MemberStanding, MemberStatus, is_over, members_to_start
from acr_relocate.core.documents.markdown import to_markdown
from acr_relocate.core.errors import InvalidRequest, NotRelocated
from acr_relocate.core.findings import Finding
from acr_relocate.core.report.report import Report
from acr_relocate.core.request.maintenance_window import Window
from acr_relocate.core.request.registry_refs import RegistryRef
from tests.support.architecture import ROOT

HERE = "00000000-0000-0000-0000-000000000000"
CANARIES = [{"name": "canaries", "registries": ["test*"]}]


def request(name: str, **options: object) -> dict[str, Any]:
    source = {"subscription_id": HERE, "resource_group": "west", "name": name}
    target = {"resource_group": "north", "name": f"{name}2", "location": "northeurope"}
    return {"source": source, "target": target, **options}


def batch(*names: str, **options: object) -> BatchRequest:
    return parse_batch({"name": "shop", "requests": [request(name) for name in names], **options})


def queried(query: dict[str, object], **options: object) -> BatchRequest:
    """Registries of a subscription, to North Europe."""
    everything = {"name": "all", "query": {"subscription_ids": [HERE], **query}, "naming": {"location": "northeurope"}}
    return parse_batch(everything | options)


def found(name: str, group: str = "west", location: str = "westeurope", **tags: str) -> GraphRegistry:
    ref = RegistryRef(subscription_id=HERE, resource_group=group, name=name)
    return GraphRegistry(registry=ref, location=location, tags=tags)


def members(wanted: BatchRequest) -> tuple[BatchMember, ...]:
    return expand(wanted, ())


def place(member: BatchMember, *attempts: MemberStanding, before: int = 0) -> MemberStatus:
    tried = tuple(Attempt(number=number, standing=each) for number, each in enumerate(attempts, 1))
    return MemberStatus(member=member, attempts=tried, before=before)


def names(places: Sequence[MemberStatus]) -> list[str]:
    return [each.member.request.source.name for each in places]


def test_the_example_is_a_batch_with_the_defaults_that_it_shows() -> None:
    """An optional part that it names is as if it were not there."""
    data = yaml.safe_load((ROOT / "examples/batch.yaml").read_text())
    least = {name: value for name, value in data.items() if name in {"name", "requests"}}

    assert parse_batch(data) == parse_batch(least)
    assert set(data) | {"waves"} == set(BatchRequest.model_fields)


class TestMembers:
    def test_a_query_finds_by_group_region_and_tag(self) -> None:
        """All that is named has to hold; what is in the target's region already is left alone."""
        wanted = queried({"resource_groups": ["shop-*"], "tags": {"Team": "*", "stage": "prod"}})

        (member,) = expand(
            wanted,
            [
                found("wanted1", "Shop-A", team="x", stage="prod"),
                found("othergroup", "mail", team="x", stage="prod"),
                found("nottagged", "shop-a", stage="prod"),
                found("teststage", "shop-a", team="x", stage="test"),
                found("moved", "shop-a", "North Europe", team="x", stage="prod"),
            ],
        )

        assert member.request.source.name == "wanted1"
        assert member.request.target.name == "wanted1northeurope"
        assert member.request.target.resource_group == "Shop-A-northeurope"

    def test_options_and_the_window_are_those_of_the_batch(self) -> None:
        """A request that has a window of its own keeps it, and is not looked for again."""
        wanted = queried(
            {},
            requests=[request("ownone", window={"start": "01:00"})],
            options={"approvals": ["before_deploy"]},
            window={"start": "22:00"},
        )

        by_name = {each.request.source.name: each.request for each in expand(wanted, [found("other"), found("ownone")])}

        assert sorted(by_name) == ["other", "ownone"]
        assert by_name["other"].window == Window(start="22:00")
        assert [stage.value for stage in by_name["other"].approvals] == ["before_deploy"]
        assert by_name["ownone"].window == Window(start="01:00")

    @pytest.mark.parametrize(
        ("data", "said"),
        [
            ({"name": "shop"}, "a batch needs requests, consolidations, or a query with subscription_ids"),
            ({"name": "shop", "query": {"subscription_ids": [HERE]}}, "naming.location"),
            ({"name": "shop", "query": {"subscription_ids": ["abc"]}}, "query.subscription_ids"),
            ({"name": "shop", "requests": [request("first")], "query": {"tags": {"a": "b"}}}, "give the subscriptions"),
            ({"name": "shop", "requests": [request("first")], "query": {"locations": ["mars"]}}, "query.locations"),
            ({"name": "shop", "requests": [request("first")], "naming": {"location": "mars"}}, "naming.location"),
            (
                {"name": "shop", "requests": [request("first")], "after_failure": "rest"},
                "finish_wave', 'continue' or 'stop",
            ),
            ({"name": "shop", "requests": [request("first")], "window": {"weekdays": ["sunday"]}}, "window: start"),
            ({"name": "Shop!", "requests": [request("first")]}, "name"),
            ({"name": "shop", "requests": [request("first")], "naming": {"name": "{nme}"}}, "{nme}"),
            ({"name": "shop", "requests": [request("first")], "naming": {"name": "{name!x}"}}, "{name!x}"),
            ({"name": "shop", "requests": [request("first")], "naming": {"resource_group": "{name:d}"}}, "{name:d}"),
            ({"name": "shop", "requests": [request("first", forse=True)]}, "force"),
            ([], "not a mapping"),
        ],
    )
    def test_what_is_no_batch_is_refused(self, data: object, said: str) -> None:
        """One message, before any call."""
        with pytest.raises(InvalidRequest, match=said):
            parse_batch(data)

    def test_a_query_that_finds_nothing_is_no_batch_that_is_done(self) -> None:
        """Resource Graph leaves out what the identity may not read: nothing may look like success."""
        with pytest.raises(InvalidRequest, match="finds no registry"):
            expand(queried({"tags": {"team": "*"}}), [found("other")])

    def test_a_registry_twice_is_refused(self) -> None:
        """Two relocations of one registry, or onto one, would be in each other's way."""
        with pytest.raises(InvalidRequest, match="Moved twice in this batch: first"):
            members(batch("first", "first"))

    def test_names_that_azure_would_refuse_are_refused(self) -> None:
        """With the registry whose name became too long by the rule."""
        wanted = queried({}, naming={"location": "northeurope", "name": "{name}" * 9})
        with pytest.raises(InvalidRequest, match="longname, by the naming rules"):
            expand(wanted, [found("longname")])

    def test_an_attempt_has_the_same_key_whatever_its_options_are(self) -> None:
        """So what one run of the batch began is found by the next, also with a corrected request; a try is another."""
        member, corrected = (
            members(parse_batch({"name": "shop", "requests": [request("first", force=force)]}))[0]
            for force in (False, True)
        )
        assert member.key("shop", 1) == corrected.key("shop", 1)
        assert len({member.key("shop", 1), member.key("shop", 2), member.key("mail", 1)}) == 3


class TestOrder:
    def test_so_many_at_once(self) -> None:
        """Those under way count; those that wait for approval do not."""
        wanted = batch("first", "second", "third", "fourth", max_parallel=2)
        first, second, third, fourth = members(wanted)
        places = [place(first, "running"), place(second, "waiting_for_approval"), place(third), place(fourth)]

        assert names(members_to_start(wanted, places)) == ["third"]

    def test_the_next_wave_waits_for_the_one_before(self) -> None:
        """Until all of it is done."""
        wanted = batch("shop1", "test1", waves=CANARIES)
        canary, other = members(wanted)

        assert names(members_to_start(wanted, [place(canary), place(other)])) == ["test1"]
        assert members_to_start(wanted, [place(canary, "running"), place(other)]) == ()
        assert names(members_to_start(wanted, [place(canary, "done"), place(other)])) == ["shop1"]

    @pytest.mark.parametrize(
        ("after_failure", "same_wave", "next_wave"),
        [("finish_wave", ["test2"], []), ("continue", ["test2"], ["shop1"]), ("stop", [], [])],
    )
    def test_after_a_failure(self, after_failure: str, same_wave: list[str], next_wave: list[str]) -> None:
        """Its wave goes on and the next one does not begin, unless the batch says otherwise."""
        wanted = batch("test1", "test2", "shop1", waves=CANARIES, after_failure=after_failure)
        failed, second, other = members(wanted)

        assert names(members_to_start(wanted, [place(failed, "failed"), place(second), place(other)])) == same_wave
        assert (
            names(members_to_start(wanted, [place(failed, "failed"), place(second, "done"), place(other)])) == next_wave
        )

    @pytest.mark.parametrize("state", ["failed", "blocked", "prepared"])
    def test_run_again_only_what_is_unfinished_goes_on(self, state: MemberStanding) -> None:
        """Once for each time that the batch is run."""
        wanted = batch("first", "second")
        done, unfinished = members(wanted)

        again = [place(done, "done", before=1), place(unfinished, state, before=1)]
        tried = [place(done, "done", before=1), place(unfinished, state, state, before=1)]

        assert names(members_to_start(wanted, again)) == ["second"]
        assert members_to_start(wanted, tried) == ()
        assert is_over(wanted, tried)

    def test_what_a_person_cancelled_is_not_begun_again(self) -> None:
        """Nor what was rejected."""
        wanted = batch("first")
        assert members_to_start(wanted, [place(members(wanted)[0], "cancelled", before=1)]) == ()

    def test_a_lost_worker_is_no_failure_but_not_without_end(self) -> None:
        """Three crashes in a row are for a person to look at."""
        wanted = batch("first")
        (member,) = members(wanted)

        assert names(members_to_start(wanted, [place(member, "crashed", "crashed")])) == ["first"]
        assert members_to_start(wanted, [place(member, "crashed", "crashed", "crashed")]) == ()


class TestTable:
    def test_each_row_says_what_is_next(self) -> None:
        """And the batch fails with the names of those that ended badly."""
        first, second, third = members(batch("first", "second", "third"))

        told = batch_report("shop", [place(first, "done"), place(second, "crashed"), place(third, "prepared")])

        assert [row.next_step for row in told.rows] == [
            "nothing",
            "its worker was lost: run the batch again",
            "its cut-over: run the batch again in its maintenance window",
        ]
        assert told.summary == "3 registries: 1 done, 1 crashed, 1 prepared"
        page = to_markdown(batch_document(told))
        assert page.startswith("# The batch shop is not finished: 3 registries: 1 done, 1 crashed, 1 prepared")
        assert "| second | second2 (northeurope) | crashed | its worker was lost: run the batch again |" in page
        with pytest.raises(NotRelocated, match="1 registry of the batch shop could not"):
            told.require_success()

    def test_a_remedy_of_several_lines_is_in_the_report_of_the_run(self) -> None:
        """Lines to paste would lose their indentation in a row of a table: it names the command that shows them."""
        (member,) = members(batch("first"))
        clash = Finding(
            code="settings_clash", severity="blocker", message="They differ.", remedy="decisions:\n  sku: first"
        )
        held = Report(
            plan_id="0", embedded=False, verdict="blocked", source_id="", target_id="", findings=(clash, clash)
        )
        blocked = MemberStatus(member=member, attempts=(Attempt(number=1, standing="blocked", report=held),))

        [row] = batch_report("shop", [blocked]).rows

        assert row.next_step.startswith("`acr-relocate report relocate-first-to-first2` (settings_clash). Then ")

    def test_nothing_bad_is_no_failure(self) -> None:
        """A member that waits for a person or a window is not one."""
        first, second = members(batch("first", "second"))
        batch_report("shop", [place(first, "prepared"), place(second, "waiting_for_approval")]).require_success()

    def test_the_command_ends_with_15_lines_and_the_verdict(self) -> None:
        """Finished members are counted, the others say what they need."""
        all_of_them = members(batch(*(f"registry{number:02}" for number in range(30))))
        told = batch_report("shop", [place(one, "crashed" if n else "done") for n, one in enumerate(all_of_them)])

        lines = batch_summary(told).splitlines()

        assert lines[0] == "registry01: crashed. Next: its worker was lost: run the batch again"
        assert lines[-3:] == [
            "and 17 more registries",
            "Table: acr-relocate report batch-shop",
            "batch shop: 30 registries: 29 crashed, 1 done",
        ]
        assert len(lines) <= 15
        assert max(map(len, lines)) <= 80


class TestSeveralIntoOne:
    """A consolidation: the registries of one target begin one after another."""

    def test_each_is_a_member_below_its_prefix(self) -> None:
        """With the options of the batch; the target is named once, so it is not refused."""
        wanted = merging("shopone", "shoptwo", options={"content": False})

        requests = [each.request for each in members(wanted)]

        assert [one.source.name for one in requests] == ["shopone", "shoptwo"]
        assert [one.rename for one in requests] == [{"**": "shopone/**"}, {"**": "shoptwo/**"}]
        assert {(one.target.name, one.content, one.consolidation.names) for one in requests} == {
            ("allinone", False, ("shopone", "shoptwo"))
        }

    def test_the_next_one_waits_until_the_one_before_is_moved(self) -> None:
        """However many may be under way; after a failure it does not begin."""
        wanted = merging("shopone", "shoptwo", max_parallel=5)
        one, two = members(wanted)

        def due(state: MemberStanding) -> list[str]:
            return names(members_to_start(wanted, [place(one, state, before=1), place(two)]))

        assert names(members_to_start(wanted, [place(one), place(two)])) == ["shopone"]
        assert due("running") == []
        assert due("done") == ["shoptwo"]
        assert names(members_to_start(wanted, [place(one, "failed"), place(two)])) == []

    def test_they_are_in_the_wave_of_the_first(self) -> None:
        """Their order is theirs, whatever the patterns of the waves say."""
        wanted = merging("zfirst", "testsecond", waves=CANARIES)

        assert [each.wave_name for each in members(wanted)] == ["the rest", "the rest"]

    def test_another_move_to_their_target_is_refused(self) -> None:
        """It would not know of the prefixes."""
        other = request("another") | {"target": MERGED}

        with pytest.raises(InvalidRequest, match="Twice a target in this batch: allinone"):
            members(merging("shopone", "shoptwo", requests=[other]))


MERGED = {"resource_group": "north", "name": "allinone", "location": "northeurope"}


def merging(*sources: str, **options: object) -> BatchRequest:
    """A batch of registries that move into one."""
    parts = [{"registry": request(name)["source"], "prefix": name} for name in sources]
    return parse_batch({"name": "merge", "consolidations": [{"target": MERGED, "sources": parts}], **options})
