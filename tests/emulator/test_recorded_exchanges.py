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
EXCHANGES = [one for file in sorted(RECORDED.glob("*.json")) for one in json.loads(file.read_text(encoding="utf-8"))]


@pytest.mark.parametrize("exchange", EXCHANGES, ids=lambda one: str(one["operation"]))
async def test_answers_as_recorded(exchange: dict[str, Any]) -> None:
    """The same request has an answer of the same shape."""
    async with stage(CA_DIR) as asked:
        answer = await SCENES[exchange["operation"]](asked, exchange)

    assert differences(exchange, answer) == []
