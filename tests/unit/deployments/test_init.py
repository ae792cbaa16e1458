"""`acr-relocate init` writes a request that is valid as it is, and with its comments taken away."""

import os
import re
import sys
from pathlib import Path

import pytest
import yaml

from deployments import cli
from deployments.commands.request_files import load_request

GROUP = "/subscriptions/22222222-2222-2222-2222-222222222222/resourceGroups/contoso/providers/Microsoft.Network"
SUBNET = f"{GROUP}/virtualNetworks/contoso/subnets/"


def written(folder: Path, monkeypatch: pytest.MonkeyPatch, *options: str) -> Path:
    path = folder / "request.yaml"
    monkeypatch.setattr(sys, "argv", ["acr-relocate", "init", "contosoregistry", "--out", str(path), *options])
    with pytest.raises(SystemExit) as ended:
        cli.main()
    assert ended.value.code == 0
    return path


def test_the_written_request_is_valid(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A plan takes it, once it has its region; its lines fit into a terminal."""
    path = written(tmp_path, monkeypatch, "--location", "northeurope")

    request = load_request(path)
    assert (request.source.name, request.target.location) == ("contosoregistry", "northeurope")
    assert max(map(len, path.read_text().splitlines())) <= 80


def test_every_optional_field_is_valid_without_its_comment_sign(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Sentences stay comments; a field is a line with a colon after its name."""
    path = written(tmp_path, monkeypatch, "--location", "northeurope")
    text = re.sub(r"^( *)# ( *(?:[a-z_]+|/\S+|OLD-VALUE): ?.*)$", r"\1\2", path.read_text(), flags=re.MULTILINE)
    path.write_text(text.replace("/subscriptions/…/subnets/", SUBNET))

    request = load_request(path)
    assert set(yaml.safe_load(path.read_text())) <= set(type(request).model_fields)
    assert (request.delete_source, request.soak_days, request.selection.untagged) == (True, 14, False)
    assert request.subnets
    assert request.replacements


def test_telemetry_of_prefect_is_off(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """In every command, also in one that asks no Prefect server."""
    monkeypatch.delenv("DO_NOT_TRACK", raising=False)
    written(tmp_path, monkeypatch)

    assert os.environ["DO_NOT_TRACK"] == "1"
