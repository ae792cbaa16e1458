"""Edited templates as files: named in a request, known again by their content, and refused once they have changed."""

import json
from pathlib import Path

import pytest

from acr_relocate.core.errors import InvalidRequest
from acr_relocate.core.request.relocation import parse_request
from acr_relocate.files import template_files
from deployments.commands import request_files
from tests.support.builders import request

REQUEST = request().model_dump(mode="json", exclude={"template"})


@pytest.fixture
def edited(tmp_path: Path) -> Path:
    path = tmp_path / "edited.json"
    template_files.write_template(path, {"resources": [], "note": "für"})
    return path


def test_what_is_written_is_read_again(edited: Path) -> None:
    """Laid out for a person, and the same template."""
    assert template_files.read_template(template_files.identify(edited)) == {"resources": [], "note": "für"}
    assert edited.read_text(encoding="utf-8").startswith('{\n  "resources": []')


def test_a_request_without_a_template_reads_no_file() -> None:
    """None is the answer, and not an empty template."""
    assert template_files.read_template(request().template) is None


def test_a_file_that_has_changed_since_is_refused(edited: Path) -> None:
    """The file has changed since its approval."""
    known = template_files.identify(edited)
    edited.write_text("{}")

    with pytest.raises(InvalidRequest, match="no longer the template of the request"):
        template_files.read_template(known)


@pytest.mark.parametrize(("text", "said"), [("[]", "no JSON object"), ("{", "is not JSON"), ("ü", "is not JSON")])
def test_what_is_no_template_is_refused(text: str, said: str, edited: Path) -> None:
    """With the file's name."""
    edited.write_text(text)

    with pytest.raises(InvalidRequest, match=said) as caught:
        template_files.read_template(template_files.identify(edited))

    assert str(edited) in str(caught.value)


def test_a_file_that_is_not_there_is_said(tmp_path: Path) -> None:
    """Before anything is called."""
    with pytest.raises(InvalidRequest, match="There is no file"):
        template_files.identify(tmp_path / "none.json")
    with pytest.raises(InvalidRequest, match="cannot be written"):
        template_files.write_template(tmp_path / "none" / "x.json", {})


def test_the_command_line_identifies_the_template(edited: Path, tmp_path: Path) -> None:
    """By --template, or by a path in the request that counts from where the request is."""
    plain, named = tmp_path / "plain.json", tmp_path / "named.json"
    plain.write_text(json.dumps(REQUEST))
    named.write_text(json.dumps(REQUEST | {"template": {"path": "edited.json"}}))

    assert (
        request_files.load_request(plain, edited).template
        == request_files.load_request(named).template
        == template_files.identify(edited)
    )
    assert not request_files.load_request(plain).template.path
    plain.write_text(json.dumps(REQUEST | {"template": {"path": "", "sha256": ""}}))
    assert not request_files.load_request(plain).template.path


def test_path_and_hash_belong_together() -> None:
    """A path alone would leave the content of the plan unknown."""
    with pytest.raises(InvalidRequest, match="template: needs both path and sha256"):
        parse_request(REQUEST | {"template": {"path": "/edited.json"}})
    with pytest.raises(InvalidRequest, match="is not a SHA-256"):
        parse_request(REQUEST | {"template": {"path": "/edited.json", "sha256": "ab"}})
