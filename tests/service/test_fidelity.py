"""The corpus of hard cases: everything arrives, or the run is Failed and says what did not, with what to do."""

from collections.abc import Iterator
from typing import Any

import pytest

from acr_relocate.core.errors import NotRelocated
from acr_relocate.core.report.report import Report
from acr_relocate.core.request.relocation import parse_request
from flows.relocate import relocate_registry
from local_azure.launcher import Emulator, running
from local_azure.seeds.fidelity import HARD
from tasks.runs.events import Event, observing
from tests.service.conftest import SUBSCRIPTION

SOURCE, TARGET = "contosoregistry", "fidelitynorth"


@pytest.fixture(name="corpus")
def _corpus(monkeypatch: pytest.MonkeyPatch) -> Iterator[Emulator]:
    with running("fidelity") as emulator:
        for name, value in emulator.env.items():
            monkeypatch.setenv(name, value)
        yield emulator


async def test_everything_arrives_or_the_report_says_what_did_not(corpus: Emulator) -> None:
    """By the emulator's own books: nothing is missing that is not named, and nothing is named that is there."""
    source = {"subscription_id": SUBSCRIPTION, "resource_group": "contoso-west", "name": SOURCE}
    target = {"resource_group": "contoso-north", "name": TARGET, "location": "northeurope"}
    events: list[Event] = []

    with observing(events.append), pytest.raises(NotRelocated, match="failure"):
        await relocate_registry(parse_request({"source": source, "target": target}))

    report = next(event for event in events if isinstance(event, Report))
    held, arrived = (corpus.content(name)["repositories"] for name in (SOURCE, TARGET))
    missing = {f"{name}@{digest}" for name, one in held.items() for digest in lacking(one, arrived.get(name))}
    named = {entry.image.partition("/")[2] for entry in report.left_behind}
    named |= {f"{one.repository}@{one.subject}" for one in report.differences if one.subject.startswith("sha256:")}
    assert missing <= named
    assert {entry.image.partition("/")[2] for entry in report.left_behind} <= missing
    assert {name.partition("@")[0] for name in missing} == set(HARD)
    assert [entry.image for entry in report.left_behind if not entry.message] == []
    assert {name: one["tags"] for name, one in arrived.items() if name not in HARD} == {
        name: one["tags"] for name, one in held.items() if name not in HARD
    }


def lacking(source: dict[str, Any], target: dict[str, Any] | None) -> set[str]:
    """The digests that did not arrive."""
    return set(source["manifests"]) - set(target["manifests"] if target else ())
