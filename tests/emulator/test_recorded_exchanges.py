"""The embedded Azure answers as the real one was recorded: every exchange, asked again."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import CA_DIR
from tests.emulator.replay import child_scenes, neighbour_scenes, plane_scenes, registry_scenes  # noqa: F401 - register
from tests.emulator.replay.comparison import differences
from tests.emulator.replay.scenes import SCENES
from tests.emulator.replay.stage import stage

RECORDED = Path(__file__).with_name("recorded")
UNLIKE = json.loads(
    (RECORDED / "unlike.json").read_text(encoding="utf-8")
)  # operation -> why, on the page of differences
FILES = ("exchanges", "failures", "neighbours")
EXCHANGES = [
    one
    for file in (RECORDED / f"{name}.json" for name in FILES)
    for one in json.loads(file.read_text(encoding="utf-8"))
]


@pytest.mark.parametrize("exchange", EXCHANGES, ids=lambda one: str(one["operation"]))
async def test_answers_as_recorded(exchange: dict[str, Any]) -> None:
    """The same request has an answer of the same shape."""
    async with stage(CA_DIR) as asked:
        answer = await SCENES[exchange["operation"]](asked, exchange)

    found = differences(exchange, answer)
    if exchange["operation"] in UNLIKE:
        assert len(found) == 1, "the page of differences says what is unlike, and nothing else may be"
    else:
        assert found == []


def test_few_exchanges_are_unlike() -> None:
    """All but four at most are the same; the others are recorded operations with a reason."""
    assert len(UNLIKE) <= len(EXCHANGES) - 116
    assert UNLIKE.keys() <= {one["operation"] for one in EXCHANGES}
