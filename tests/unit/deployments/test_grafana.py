"""The board for Grafana asks for the metrics that runs record, by the names that Prometheus gives them."""

import json
import re

from tests.support.architecture import ROOT

UNITS = {"By": "_bytes", "s": "_seconds"}
ENDINGS = {"counter": ("_total",), "histogram": ("_sum", "_count", "_bucket"), "gauge": ("",)}


def test_every_metric_is_on_the_board_and_nothing_else_is() -> None:
    """A metric that is renamed would leave a panel empty without a word."""
    board = json.loads((ROOT / "deployments" / "grafana" / "acr-relocate.json").read_text())
    asked = {name for text in _queries(board) for name in re.findall(r"acr_relocate_\w+", text)}
    recorded = re.findall(
        r'create_(\w+)\("(acr_relocate[\w.]+)", "([^"]+)"', (ROOT / "tasks" / "runs" / "metrics.py").read_text()
    )
    known = {
        name: {f"{name.replace('.', '_')}{UNITS.get(unit, '')}{ending}" for ending in ENDINGS[kind]}
        for kind, name, unit in recorded
    }

    assert [name for name, names in known.items() if not names & asked] == []
    assert asked - set().union(*known.values()) == set()


def _queries(board: dict[str, object]) -> list[str]:
    panels = board["panels"]
    assert isinstance(panels, list)
    return [target["expr"] for panel in panels for target in panel["targets"]]
