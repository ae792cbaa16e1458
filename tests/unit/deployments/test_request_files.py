"""Request files: whatever is in them, it is a request or one clear message, and nothing is called."""

import io
import json
import sys
from pathlib import Path
from typing import Any

import pytest

from acr_relocate.core.errors import InvalidRequest
from deployments import cli
from deployments.commands import request_files
from tests.unit.request.test_request import data


def told(text: str | bytes, tmp_path: Path, name: str = "request.yaml") -> str:
    """The message that a file with this content gets."""
    file = tmp_path / name
    file.write_bytes(text if isinstance(text, bytes) else text.encode())
    with pytest.raises(InvalidRequest) as raised:
        request_files.load_request(file)
    return str(raised.value).removeprefix(f"{tmp_path}/")


NO_REQUEST = {
    "empty": ("", "request.yaml is empty. Remedy: See examples/ for requests to start from."),
    "only comments": ("# hello\n", "request.yaml is empty. Remedy: See examples/ for requests to start from."),
    "binary": (b"\x00\xff\xfe", "request.yaml cannot be read: it is not text in UTF-8"),
    "larger than any request": (
        "x: |\n" + "  y\n" * 300_000,
        "request.yaml is too large: more than 1 MiB",
    ),
    "nested without end": ("[" * 5_000 + "]" * 5_000, "request.yaml is not a request: it is nested too deeply"),
    "a field twice": ("source: 1\nsource: 2\n", 'request.yaml:2:1: not YAML: the field "source" is duplicated'),
    "a bracket that is not closed": (
        "source: {name: shop\ntarget: x\n",
        "request.yaml:2:7: not YAML: expected ',' or '}', but got ':'\n  target: x\n        ^",
    ),
    "an invalid date": ("source: 2020-99-99\n", "request.yaml is not YAML: month must be in 1..12"),
    "a list in itself": (
        "source: &a [*a]\ntarget: {}\n",
        "request.yaml is not YAML: an alias refers to a node that contains it",
    ),
    "a field that is a number": ("1: 2\n", "  [1]: 1 is not the name of a field"),
    "a billion laughs": (
        "a0: &a0 [x]\n" + "".join(f"a{n}: &a{n} [{','.join([f'*a{n - 1}'] * 10)}]\n" for n in range(1, 12))
        + "source: *a11\n",
        "request.yaml is not YAML: its aliases expand to more than 100,000 values",
    ),
}  # fmt: skip


@pytest.mark.parametrize(("text", "message"), NO_REQUEST.values(), ids=NO_REQUEST)
def test_file_that_holds_no_request_gets_one_clear_message(text: str | bytes, message: str, tmp_path: Path) -> None:
    """Neither a traceback nor a hang, whatever the file holds."""
    assert message in told(text, tmp_path)


NO_JSON = {
    "a number of 5,000 digits": '{"concurrency": ' + "9" * 5_000 + "}",
    "nested without end": "[" * 200_000,
    "a field twice": '{"force": true, "force": false}',
    "YAML": "source: 1",
}


@pytest.mark.parametrize("text", NO_JSON.values(), ids=NO_JSON)
def test_json_that_is_no_request_gets_one_clear_message(text: str, tmp_path: Path) -> None:
    """Python's own limits are no tracebacks either."""
    assert told(text, tmp_path, "request.json").startswith("request.json is not ")


def test_what_cannot_be_read_is_said_in_a_few_words(tmp_path: Path) -> None:
    """A folder, and nothing at all."""
    with pytest.raises(InvalidRequest, match=r"cannot be read: Is a directory$"):
        request_files.load_request(tmp_path)
    with pytest.raises(InvalidRequest, match="There is no file"):
        request_files.load_request(tmp_path / "nothing.yaml")


def test_byte_order_mark_is_no_obstacle(tmp_path: Path) -> None:
    """Windows editors put one first."""
    file = tmp_path / "request.json"
    file.write_text(json.dumps(data()), encoding="utf-8-sig")

    assert request_files.load_request(file).target.name == "contosoregistryne"


def test_standard_input_is_a_request_too(monkeypatch: pytest.MonkeyPatch) -> None:
    """`-`, and a message that names it."""
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"source: 1")))

    with pytest.raises(InvalidRequest, match=r"^the standard input: 2 things are wrong"):
        request_files.load_request(Path("-"))


@pytest.mark.parametrize(
    ("region", "cloud", "its"),
    [("chinaeast2", "AzurePublic", "AzureChina"), ("northeurope", "AzureUSGovernment", "AzurePublic")],
)
def test_region_of_another_cloud_is_refused(
    region: str, cloud: str, its: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No identity reaches from one cloud into another."""
    monkeypatch.setenv("ACR_RELOCATE_CLOUD", cloud)
    monkeypatch.delenv("ACR_RELOCATE_ARM_ENDPOINT", raising=False)

    message = told(json.dumps(data(target__location=region)), tmp_path)

    assert f'"{region}" is a region of {its}, but ACR_RELOCATE_CLOUD is {cloud}' in message


def test_cloud_that_does_not_exist_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Before anything is started."""
    monkeypatch.setenv("ACR_RELOCATE_CLOUD", "Mars")
    monkeypatch.delenv("ACR_RELOCATE_ARM_ENDPOINT", raising=False)

    assert "ACR_RELOCATE_CLOUD is Mars, but must be one of AzurePublic, AzureChina" in told(
        json.dumps(data()), tmp_path
    )


@pytest.mark.parametrize(
    ("typed", "said"), [("pln", "Did you mean 'plan'?"), ("plan --jsn x", "No such option: --jsn")]
)
def test_what_was_typed_wrong_is_bad_input(
    typed: str, said: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The message is one of ours, and says what was meant."""
    monkeypatch.setattr(sys, "argv", ["acr-relocate", *typed.split()])

    with pytest.raises(SystemExit) as ended:
        cli.main()

    told = capsys.readouterr().err
    assert (ended.value.code, told.startswith("error: No such")) == (2, True)
    assert said in told


def test_what_does_not_exist_is_bad_input(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A run or a registry that is looked for before anything begins: 2, as where a flow finds that out."""
    monkeypatch.setenv("ACR_RELOCATE_STATE", str(tmp_path))
    monkeypatch.delenv("PREFECT_API_URL", raising=False)
    monkeypatch.setattr(sys, "argv", ["acr-relocate", "show", "no-such-run"])

    with pytest.raises(SystemExit) as ended:
        cli.main()

    assert (ended.value.code, "no-such-run" in capsys.readouterr().err) == (2, True)


@pytest.mark.parametrize("verb", ["plan", "firewall", "status"])
def test_bad_input_is_json_too_where_json_was_asked_for(
    verb: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A machine reads one object on the standard output, of any command; the exit status is 2."""
    monkeypatch.setattr(sys, "argv", ["acr-relocate", verb, "--json", str(tmp_path / "nothing.yaml")])

    with pytest.raises(SystemExit) as raised:
        cli.main()

    said: dict[str, Any] = json.loads(capsys.readouterr().out)
    assert raised.value.code == 2
    assert "There is no file" in said["error"]["message"]
