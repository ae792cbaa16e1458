"""`acr-relocate schedule add`: what is refused before a Prefect server is spoken to."""

from pathlib import Path

import pytest
import yaml
from typer.testing import CliRunner

from acr_relocate.core.errors import InvalidRequest
from deployments.commands.schedule import app

MOVE = {"source": {"name": "contososhop"}, "target": {"name": "contososhopnorth", "location": "northeurope"}}


@pytest.mark.parametrize(
    ("flow", "content", "said"),
    [
        ("sync", MOVE, "has no maintenance window"),
        ("sync", MOVE | {"windw": {}}, "windw"),
        ("batch", {"name": "wave", "requests": [MOVE]}, "has no maintenance window"),
    ],
)
def test_what_has_no_time_or_is_no_request_is_refused(
    flow: str, content: dict[str, object], said: str, tmp_path: Path
) -> None:
    """With the field or the option that is missing."""
    path = tmp_path / "file.yaml"
    path.write_text(yaml.safe_dump(content))

    ended = CliRunner().invoke(app, ["add", flow, str(path)])

    assert isinstance(ended.exception, InvalidRequest)
    assert said in str(ended.exception)
