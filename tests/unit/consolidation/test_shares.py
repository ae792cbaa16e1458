"""Several registries into one: each clash is named once, one value holds, and no child takes the name of another."""

from collections import Counter
from typing import Any

import pytest

from acr_relocate.core.checks import PREFLIGHT, Evidence, evaluate
from acr_relocate.core.consolidation.shares import with_share
from acr_relocate.core.errors import InvalidRequest
from acr_relocate.core.registry.inventory import Registry
from acr_relocate.core.request.identity import PLAN_TAG, SOURCE_TAG, relocation_id, target_mark
from acr_relocate.core.target.design import design
from acr_relocate.core.target.template import build_template
from acr_relocate.core.verification.settings import compare_settings
from tests.support.builders import child
from tests.unit.consolidation.pairs import (
    BOOKS,
    CLASHES,
    RETENTION,
    SHOP,
    books,
    both,
    part,
    place,
    shop,
    twenty,
    with_policies,
)


def share(name: str, one: Registry, other: Registry, **fields: Any) -> Registry:
    """One of the two, with its share."""
    return with_share(part(name, **fields), {one.name: one, other.name: other}, ())


@pytest.mark.parametrize("name", [SHOP, BOOKS])
def test_each_of_twenty_clashes_is_named_once_in_a_plan(name: str) -> None:
    """Twenty, by name; what both have alike, and tags that only one has, are not among them."""
    source = share(name, *twenty())
    evidence = Evidence(request=part(name), source=source)

    found = Counter(
        one.resource for one in evaluate(PREFLIGHT, evidence) if one.code in {"settings_clash", "access_settings_clash"}
    )

    assert len(CLASHES) == 20
    assert found == Counter(CLASHES)


def test_clashes_that_open_a_registry_need_a_decision_and_then_have_one() -> None:
    """The others have the first one's value; with the decision nothing is asked any more."""
    required = {one.setting for one in share(SHOP, *twenty()).share.clashes if one.required}

    decided = share(SHOP, *twenty(), decisions=dict.fromkeys(CLASHES, BOOKS)).share.clashes

    assert required >= {"sku", "roleAssignmentMode", "publicNetworkAccess", "tokens/ci", "scopeMaps/ci"}
    assert required.isdisjoint({"tags.team", "webhooks/deploy", "zoneRedundancy"})
    assert {one.chosen for one in decided} == {BOOKS}
    assert not any(one.required for one in decided)


def test_both_requests_lead_to_the_same_registry() -> None:
    """The first one's settings, but for the decided ones; with the tags of both, and each its own children."""
    decisions = {"policies.retentionPolicy": BOOKS, "zoneRedundancy": BOOKS, "webhooks/deploy": BOOKS}
    one, other = (design(share(name, *twenty(), decisions=decisions), part(name)) for name in (SHOP, BOOKS))

    alike = ("sku", "identity", "tags", "properties", "location")
    assert [getattr(one.registry, name) for name in alike] == [getattr(other.registry, name) for name in alike]
    assert one.registry.properties["zoneRedundancy"] == "Enabled"
    assert one.registry.tags["only-books"] == other.registry.tags["only-shop"] == "yes"
    assert [one.name for one in one.registry.children] == ["uksouth", "mirror", "ci", "ci"]
    assert [one.name for one in other.registry.children] == ["uksouth", "deploy"]


def test_what_deletes_content_is_set_by_the_last_one_alone() -> None:
    """Retention would delete what the others still bring."""
    one, other = shop(properties=RETENTION), books(properties=RETENTION)

    first, last = (design(share(name, one, other), part(name)) for name in (SHOP, BOOKS))

    assert (first.deferred, first.later) == ({}, {"policies": last.deferred["policies"]})
    assert last.deferred["policies"]["retentionPolicy"]["days"] == 30
    assert last.later == {}


def test_the_first_one_makes_the_registry_and_the_others_add_to_it() -> None:
    """The second one's template has its own children, which depend on nothing that is not in it."""
    one, other = shop(), books(child("scopeMaps", "ci", actions=["repositories/app/content/read"]))

    first = build_template(None, share(SHOP, one, other), part(SHOP)).template["resources"]
    second = build_template(None, share(BOOKS, one, other), part(BOOKS)).template["resources"]

    assert [resource["type"].rpartition("/")[2] for resource in first] == ["registries"]
    assert first[0]["tags"][PLAN_TAG] == target_mark(part(SHOP)) == target_mark(part(BOOKS))
    assert first[0]["tags"][SOURCE_TAG] == one.id
    assert [(resource["type"].rpartition("/")[2], resource["dependsOn"]) for resource in second] == [("scopeMaps", [])]
    assert second[0]["properties"]["actions"] == ["repositories/books/app/content/read"]
    assert relocation_id(part(SHOP)) != relocation_id(part(BOOKS))


def test_what_the_others_brought_is_no_difference() -> None:
    """Each compares its own children; the registry's own settings are the first one's to compare."""
    one = shop(child("replications", "uksouth", "uksouth"))
    other = books(child("replications", "francecentral", "francecentral"), properties={"dataEndpointEnabled": True})
    shares = {name: share(name, one, other) for name in (SHOP, BOOKS)}
    made = {name: design(shares[name], part(name)).registry for name in shares}
    target = made[SHOP].model_copy(update={"children": (*made[SHOP].children, *made[BOOKS].children)})
    changed = target.model_copy(update={"properties": target.properties | {"dataEndpointEnabled": True}})

    assert [compare_settings(shares[name], target, part(name)) for name in shares] == [(), ()]
    assert [len(compare_settings(shares[name], changed, part(name))) for name in shares] == [1, 0]
    lost = target.model_copy(update={"children": made[SHOP].children})
    assert [one.subject for one in compare_settings(shares[BOOKS], lost, part(BOOKS))] == ["replications/francecentral"]


def test_a_source_that_is_gone_leaves_the_registry_as_it_is() -> None:
    """Whose value holds cannot be told any more, so nothing is compared, and nothing set."""
    source = with_share(part(SHOP), {SHOP: shop(properties=RETENTION)}, (BOOKS,))
    last = with_share(part(BOOKS), {BOOKS: books(properties=RETENTION)}, (SHOP,))
    target = design(source, part(SHOP)).registry
    other = target.model_copy(update={"properties": target.properties | {"dataEndpointEnabled": True}})

    assert compare_settings(source, other, part(SHOP)) == ()
    assert design(last, part(BOOKS)).deferred == {}


def test_repositories_are_below_the_prefix_and_those_of_others_are_not_seen() -> None:
    """The rule is made from the prefix; the request may have finer ones below it."""
    names = part(SHOP, rename={"old/**": "shop/new/**"}).names

    assert [names.to_target(one) for one in ("app", "old/app")] == ["shop/app", "shop/new/app"]
    assert names.own(["shop/app", "books/app", "shop/new/x", "else"]) == ["app", "old/x", "target:else"]


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"consolidation": {"sources": both()["sources"][:1]}}, "one source alone"),
        ({"consolidation": {"sources": [*both()["sources"], both()["sources"][0] | {"prefix": "x"}]}}, "twice in it"),
        (
            {"consolidation": {"sources": [both()["sources"][0], both()["sources"][1] | {"prefix": "shop/books"}]}},
            "is not apart from",
        ),
        ({"consolidation": both(decisions={"sku": "another"})}, "is not one of the sources"),
        ({"source": {"name": "another", **place()}}, "is not one of them"),
        ({"rename": {"app": "app"}}, "leads out of the prefix"),
        ({"target": {"name": BOOKS, "location": "northeurope"}}, "is the target"),
        ({"delete_source": True}, "when all are moved"),
    ],
)
def test_a_consolidation_that_mixes_its_sources_up_is_refused(fields: dict[str, Any], said: str) -> None:
    """Before any call, with the field."""
    with pytest.raises(InvalidRequest, match=said):
        part(SHOP, **fields)


def test_a_decided_policy_is_that_of_the_other_source() -> None:
    """As Azure shows it there, with its days."""
    other = books(properties=with_policies(retentionPolicy={"days": 30, "status": "enabled"}))

    source = share(SHOP, shop(), other, decisions={"policies.retentionPolicy": BOOKS})

    assert design(source, part(SHOP)).later["policies"]["retentionPolicy"]["days"] == 30
