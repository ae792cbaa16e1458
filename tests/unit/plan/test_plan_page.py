"""The plan on paper: the same in Markdown and HTML, and safe whatever somebody called a resource."""

import re
from html.parser import HTMLParser

import pytest

from acr_relocate.core.content.import_plan import needed
from acr_relocate.core.content.small_artifacts import with_pushes
from acr_relocate.core.dependencies import DependencyMap, Unread
from acr_relocate.core.documents.html import to_html
from acr_relocate.core.findings import Finding
from acr_relocate.core.network.layout import Address, NetworkLayout, Prerequisite, PrivateEndpoint, Zone, side
from acr_relocate.core.plan.plan import Plan, build
from acr_relocate.core.report.plan_page import map_markdown, plan_document, plan_markdown
from acr_relocate.core.request.selection import Selection
from tests.support.builders import content, image, registry, repository, request
from tests.unit.conftest import Golden
from tests.unit.report.test_diagrams import EVIL, dependency

VOID = {"meta", "br", "link"}
DECISION = Finding(
    code="virtual_network_rule_without_mapping",
    severity="decision",
    message="The rule for west/apps is left out.",
    remedy="subnets:\n  west/apps: north/apps",
)
WARNING = Finding(code="w", severity="warning", message="Something may surprise.", remedy="az acr show --name x")


class Page(HTMLParser):
    """The elements that a browser would see in a page, in order, and whether they are closed as they should be."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.open: list[str] = []
        self.texts: list[str] = []
        self.addresses: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.addresses += [str(value) for name, value in attrs if name in {"src", "href", "action", "xlink:href"}]
        if tag not in VOID and tag not in {"rect", "path", "circle"}:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, _attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.texts.append(data)


def network() -> NetworkLayout:
    addresses = (
        Address(member="registry", host="contosoregistry.azurecr.io", address="10.0.0.4", recorded="yes"),
        Address(
            member="data", host="contosoregistry.westeurope.data.azurecr.io", address="10.0.0.5", recorded="missing"
        ),
    )
    endpoint = PrivateEndpoint(id="/pe", name="pe", location="westeurope", subnet="/s", addresses=addresses)
    target = registry("contosoregistryne", location="northeurope")
    return NetworkLayout(
        source=side(registry(), (endpoint,)),
        target=side(target),
        zones=(
            Zone(id="/zones/privatelink.azurecr.io", records={"contosoregistry": ("10.0.0.4",)}, networks=("/n/west",)),
        ),
        prerequisites=(
            Prerequisite(what="subnet north/apps exists", state="met"),
            Prerequisite(what="link to north", state="missing", detail="not there", remedy="az network private-dns …"),
            Prerequisite(what="3 free addresses", state="unknown", detail="no right"),
        ),
    )


def plan(*names: str, findings: tuple[Finding, ...] = (DECISION, WARNING)) -> Plan:
    want = content(repository("app", image("a", size=5_000_000), v1="a"))
    entries = tuple(
        dependency(6 * number, name=name, tie="its nodes pull", manual=True, command=f"az aks update --name {name}")
        for number, name in enumerate(names)
    )
    drawn = DependencyMap(dependencies=entries, unread=(Unread(what="locks", reason="no right to read them"),))
    imports = needed(want, content(), Selection())
    return build(request(), registry(), want, imports, findings, dependencies=drawn, network=network())


def _html(drawn: Plan, *, embedded: bool = False) -> str:
    return to_html(plan_document(drawn, embedded=embedded))


def test_the_plan_in_markdown(golden: Golden) -> None:
    """Verdict, findings, steps, time, map, networks, commands, undo."""
    golden("report/plan_full.md", plan_markdown(plan("aks-one", "aks-two"), embedded=True))


def test_the_plan_as_a_page(golden: Golden) -> None:
    """The same as one file."""
    golden("report/plan_full.html", _html(plan("aks-one", "aks-two"), embedded=True))


def test_the_page_needs_nothing_else() -> None:
    """No script, no address, every element closed: it can be mailed and opened anywhere."""
    text = _html(plan("aks"))
    page = Page(text)

    assert not page.open
    assert not page.addresses
    assert not {"script", "link", "iframe", "img", "object"} & set(page.tags)
    assert "prefers-color-scheme:dark" in text
    assert not re.search(r"url\(|@import", text)


def test_names_are_nothing_but_text() -> None:
    """Not even in a page."""
    page = Page(_html(plan(EVIL)))

    assert "script" not in page.tags
    assert any(EVIL.split("`", maxsplit=1)[0] in text for text in page.texts)


@pytest.mark.parametrize(
    ("findings", "verdict"),
    [
        ((), "contosoregistry can move to northeurope: 3 changes"),
        ((DECISION,), "contosoregistry can move to northeurope: 3 changes, 1 optional decision"),
        (
            (Finding(code="b", severity="blocker", message="No."),),
            "contosoregistry cannot move to northeurope: 1 blocker",
        ),
    ],
)
def test_the_verdict_comes_first(findings: tuple[Finding, ...], verdict: str) -> None:
    """Before anything else, on paper and in the browser's title."""
    drawn = plan(findings=findings)

    assert plan_markdown(drawn, embedded=False).startswith(f"# {verdict}\n")
    assert f"<title>{verdict}</title>" in _html(drawn)


def test_both_papers_say_the_same() -> None:
    """Each section says the same in both; in Markdown the map is a page of its own."""
    drawn = plan("aks-one")
    pages = plan_markdown(drawn, embedded=False), map_markdown(drawn)
    headings, [drawn_map] = (re.findall(r"^## (.*)$", page, re.MULTILINE) for page in pages)
    headings.insert(5, drawn_map)

    assert headings == re.findall(r"<h2>(.*?)</h2>", _html(drawn))
    assert len(headings) == 11


def test_steps_say_what_they_change() -> None:
    """And how many calls that takes at most."""
    steps = plan().steps

    assert {step.title for step in steps if step.changes} == {
        "Create resource group",
        "Redeploy",
        "Import registry content",
    }
    assert sum(step.writes for step in steps) == 3


def test_a_plan_counts_both_ways_and_says_what_the_pushes_save() -> None:
    """With the right that they take; a request of imports alone has no such row."""
    signatures = [image(f"signature {number}", subject="a") for number in range(500)]
    want = content(repository("app", image("a", size=5_000_000), *signatures, v1="a"))
    both = request(small_artifacts="push")
    alone = needed(want, content(), Selection())
    pages = [
        plan_markdown(build(by, registry(), want, with_pushes(alone, by, allowed=allowed), ()), embedded=False)
        for by, allowed in ((both, True), (request(), False))
    ]

    assert "500; needs the right to push at the target, and ends 30 s sooner" in pages[0]
    assert "1 import and 500 pushed artifacts" in pages[0]
    assert "pushed artifact" not in pages[1]
    assert "right to push" not in pages[1]
