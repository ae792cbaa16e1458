"""Request files of a few hundred bytes that would hang, take all memory, or have no end."""

import os
from pathlib import Path

import pytest

from acr_relocate.core.errors import InvalidRequest
from deployments.commands import request_files

MERGES = "m0: &m0 {a: 1}\n" + "".join(f"m{n}: &m{n} {{<<: [*m{n - 1}, *m{n - 1}]}}\n" for n in range(1, 30))
NOT_REGULAR = r"not a regular file|directory"
ALIASES = "a0: &a0 [x]\n" + "".join(f"a{n}: &a{n} [*a{n - 1}, *a{n - 1}, *a{n - 1}]\n" for n in range(1, 30))


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (MERGES, "aliases expand to"),
        (ALIASES, "aliases expand to"),
        ("a: &a [*a]\n", "contains it"),
        ("a: &a {<<: *a}", "contains it"),
    ],
)
def test_what_grows_without_end_is_refused(tmp_path: Path, text: str, words: str) -> None:
    """Before anything is built of it."""
    (tmp_path / "request.yaml").write_text(text)
    with pytest.raises(InvalidRequest, match=words):
        request_files.read_data(tmp_path / "request.yaml")


def test_aliases_and_merges_do_what_they_are_for(tmp_path: Path) -> None:
    """Up to the size of a request."""
    (tmp_path / "request.yaml").write_text("base: &base {a: 1}\nother: {<<: *base, b: [*base]}\n")
    found = request_files.read_data(tmp_path / "request.yaml")
    assert found == {"base": {"a": 1}, "other": {"a": 1, "b": [{"a": 1}]}}


def test_a_pipe_a_device_and_a_folder_are_no_request(tmp_path: Path) -> None:
    """A read must not block for ever."""
    os.mkfifo(tmp_path / "pipe")
    for path in (tmp_path / "pipe", Path("/dev/zero"), Path("/dev/null"), tmp_path):
        with pytest.raises(InvalidRequest, match=NOT_REGULAR):
            request_files.read_data(path)


@pytest.mark.parametrize("template", ["pipe", "/dev/zero", "."])
def test_nor_are_they_a_template(tmp_path: Path, template: str) -> None:
    """A template that the request names is read by the same rule."""
    os.mkfifo(tmp_path / "pipe")
    registries = "source: {name: contosoregistry}\ntarget: {name: north, location: northeurope}\n"
    (tmp_path / "request.yaml").write_text(f"{registries}template: {{path: {template}}}\n")
    with pytest.raises(InvalidRequest, match=NOT_REGULAR):
        request_files.load_request(tmp_path / "request.yaml")
