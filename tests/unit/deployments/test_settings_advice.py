"""`deploy --automate` says which settings a server lacks that several workers need."""

import shlex
from typing import Any

import pytest
from prefect.settings import get_current_settings

from deployments.server import settings_advice
from deployments.server.local_server import TUNING

DEFAULT = {
    "task_run_recorder": {"batch_size": 1, "read_batch_size": 1},
    "event_persister": {"batch_size": 20, "read_batch_size": 1},
}
TUNED = {name: {"batch_size": 100, "read_batch_size": 100} for name in DEFAULT}


def test_each_missing_setting_is_a_line_to_paste() -> None:
    """With the value that our own server has."""
    lines = settings_advice.settings_advice({"services": DEFAULT})
    exported = dict(shlex.split(line)[1].split("=") for line in lines if line.startswith("  export "))

    assert exported == {name: TUNING[name] for name in exported}
    assert len(exported) == 4
    assert max(map(len, lines[:2])) <= 80


@pytest.mark.parametrize("settings", [{"services": TUNED}, {}, {"services": None}])
def test_a_server_that_lacks_nothing_or_tells_nothing_gets_no_advice(settings: dict[str, Any]) -> None:
    """A server behind a proxy may refuse to tell."""
    assert settings_advice.settings_advice(settings) == []


def test_the_settings_are_where_prefect_has_them() -> None:
    """In the installed version."""
    told = get_current_settings().model_dump(mode="json")["server"]

    assert [settings_advice._at(told, place) for place in settings_advice._PLACES.values()].count(None) == 0
