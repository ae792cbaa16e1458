"""Golden files: what a person once read. Update them with `pytest tests/unit --update-golden`."""

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings

# A busy machine is no defect: time is measured where it matters, in a test of its own.
settings.register_profile("unit", deadline=None, max_examples=60)
settings.load_profile("unit")

GOLDEN = Path(__file__).parent.parent / "golden"

Golden = Callable[[str, Any], None]


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--update-golden", action="store_true", help="write the golden files instead of comparing")


@pytest.fixture
def golden(pytestconfig: pytest.Config) -> Golden:
    """Compare text, data as JSON, or the body of a page with a file under tests/golden."""

    def check(name: str, actual: Any) -> None:
        path = GOLDEN / name
        text = actual if isinstance(actual, str) else json.dumps(actual, indent=2, ensure_ascii=False) + "\n"
        text = re.sub(r"<style>.*?</style>", "<style></style>", text, flags=re.DOTALL)  # a look is judged by eye
        if pytestconfig.getoption("--update-golden", default=False):
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        assert text == path.read_text()

    return check
