"""The dependency map as a picture: everything inside, nothing on top of anything, nothing but text."""

import re
from itertools import combinations
from xml.etree import ElementTree

import pytest

from acr_relocate.core.content.import_plan import ImportPlan
from acr_relocate.core.dependencies.model import FAMILIES, STRATEGIES, Dependency, DependencyMap, ordered
from acr_relocate.core.plan.plan import Plan, build
from acr_relocate.core.report.diagrams import drawing, flowchart
from acr_relocate.core.report.diagrams.layout import Box, layout_diagram
from tests.support.builders import content, registry, request

SVG = "{http://www.w3.org/2000/svg}"
EVIL = 'a"]<script>alert(1)</script>&`|%%'


def dependency(number: int, kind: str = "cluster", **fields: object) -> Dependency:
    defaults: dict[str, object] = {
        "name": f"thing-{number:03}",
        "found": "Resource Graph",
        "strategy": list(STRATEGIES)[number % len(STRATEGIES)],
        "action": "nothing",
    }
    return Dependency.model_validate(defaults | {"kind": kind} | fields)


KINDS = ("cluster", "role_assignment", "lock", "private_endpoint", "webhooks", "secret", "tokens")


def plan(*entries: Dependency) -> Plan:
    drawn = DependencyMap(dependencies=ordered(entries))
    return build(request(), registry(), content(), ImportPlan(), (), dependencies=drawn)


def many(count: int) -> Plan:
    return plan(*(dependency(number, KINDS[number % len(KINDS)]) for number in range(count)))


def apart(one: Box, other: Box) -> bool:
    return (
        one.x + one.width <= other.x
        or other.x + other.width <= one.x
        or one.y + one.height <= other.y
        or other.y + other.height <= one.y
    )


@pytest.mark.parametrize("count", [0, 1, 7, 43, 300])
def test_nothing_lies_on_anything(count: int) -> None:
    """Cards and registries are apart, and all are within the drawing."""
    layout = layout_diagram(many(count).dependencies)
    boxes = [layout.source, layout.target, *(card.box for card in layout.cards)]

    assert all(apart(one, other) for one, other in combinations(boxes, 2))
    assert all(box.x >= 0 and box.y >= 0 for box in boxes)
    assert all(box.x + box.width <= layout.width and box.y + box.height <= layout.height for box in boxes)


def test_every_dependency_has_a_row_or_is_counted() -> None:
    """Nothing is left out silently."""
    layout = layout_diagram(many(300).dependencies)

    assert sum(len(card.entries) + card.more for card in layout.cards) == 300
    assert {card.family for card in layout.cards} == set(FAMILIES)


def test_the_drawing_stands_by_itself() -> None:
    """Well-formed, without scripts, and without an address of anything to load."""
    text = drawing(many(43))

    assert ElementTree.fromstring(text).tag == f"{SVG}svg"
    assert not re.search(r"<script|href|url\(|@import|<image", text)


def test_names_are_nothing_but_text() -> None:
    """Any name that a resource was given is drawn."""
    evil = plan(dependency(0, name=EVIL))
    tree = ElementTree.fromstring(drawing(evil))

    assert not tree.findall(f".//{SVG}script")
    assert any(text.text and text.text.startswith('a"]<script>') for text in tree.iter(f"{SVG}text"))
    assert "<script" not in flowchart(evil)
    assert [line for line in flowchart(evil).splitlines() if "a#quot;]" in line]


@pytest.mark.parametrize("count", [1, 7, 43, 300])
def test_the_flowchart_stays_legible(count: int) -> None:
    """In a column of 580 pixels some 25 boxes can be read; the rest are counts."""
    chart = flowchart(many(count))
    boxes = re.findall(r'^ +n\d+_\d+\["', chart, re.MULTILINE)

    assert chart.splitlines()[1] == "flowchart LR"
    assert len(boxes) <= 26
    assert len(boxes) == count if count <= 7 else "more" in chart


def test_the_flowchart_counts_everything() -> None:
    """Names and numbers add up, per strategy."""
    entries = [dependency(number, KINDS[number % 7], strategy="re-created") for number in range(40)]
    chart = flowchart(plan(*entries))
    counts = [int(number) for number in re.findall(r"<b>(?:and )?(\d+) ", chart)]

    assert sum(counts) == 40


def test_what_is_done_by_hand_is_dashed() -> None:
    """And what is not, is not."""
    chart = flowchart(plan(dependency(0, manual=True), dependency(6)))

    assert '["<b>thing-000</b><br/>AKS cluster"]:::rewiredhand' in chart
    assert '["<b>thing-006</b><br/>AKS cluster"]:::rewired\n' in chart
    assert 'class="rewired ring"' in drawing(plan(dependency(0, manual=True)))


def test_a_dashed_border_is_explained_where_there_is_one() -> None:
    """In the picture itself: the page around it may be far away."""
    manual = dependency(0, manual=True)

    assert "dashed border: a manual step" in flowchart(plan(manual))
    assert "dashed border" not in flowchart(plan(dependency(0)))
