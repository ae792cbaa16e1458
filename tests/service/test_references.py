"""References as a flow: over a folder, and over a Git repository, whose change is a branch to be reviewed."""

import subprocess
from pathlib import Path

import pytest

from acr_relocate.core.errors import InvalidRequest, RelocationError
from acr_relocate.references.flow_models import ReferenceRequest, in_markdown
from flows.references import find_references

OLD, NEW = "contoso.azurecr.io", "contosonorth.azurecr.io"
MANIFEST = f"kind: Pod\nspec:\n  containers:\n  - image: {OLD}/app:v1 # {OLD}2\n    env: [{{name: PASSWORD}}]\n"


def git(folder: Path, *arguments: str) -> str:
    line = ["git", "-c", "user.name=a", "-c", "user.email=a@b", *arguments]
    return subprocess.run(line, cwd=folder, capture_output=True, text=True, check=True, timeout=60).stdout


@pytest.fixture(name="folder")
def _folder(tmp_path: Path) -> Path:
    """A checkout with a manifest, and with `origin` a bare repository."""
    folder = tmp_path / "deploy"
    folder.mkdir()
    (folder / "pod.yaml").write_text(MANIFEST)
    git(folder, "init", "--quiet", "--initial-branch", "main")
    git(folder, "add", "--all")
    git(folder, "commit", "--quiet", "--message", "first")
    git(tmp_path, "clone", "--quiet", "--bare", "deploy", "origin.git")
    return folder


def asked(place: object, **more: object) -> ReferenceRequest:
    return ReferenceRequest.model_validate({"place": str(place), "source": OLD, "target": NEW, **more})


async def test_a_folder_is_looked_at_then_rewritten_then_left_alone(folder: Path) -> None:
    """Looking writes nothing; rewriting changes the image alone; again there is nothing to do."""
    looked = await find_references(asked(folder))
    assert (folder / "pod.yaml").read_text() == MANIFEST
    assert [(one.path, one.line, one.becomes) for one in looked.references] == [("pod.yaml", 4, NEW)]
    assert looked.left == 1

    written = await find_references(asked(folder, write=True))
    assert (folder / "pod.yaml").read_text() == MANIFEST.replace(f"{OLD}/", f"{NEW}/")
    assert (written.left, written.pushed) == (0, "")

    again = await find_references(asked(folder, write=True))
    assert (again.left, again.references) == (0, ())


async def test_a_repository_gets_a_branch_once_and_its_own_stays(folder: Path) -> None:
    """The change is pushed for review; the second time the branch is there, and nothing is pushed."""
    origin = folder.parent / "origin.git"
    before = git(origin, "rev-parse", "main")

    first = await find_references(asked(f"file://{origin}", write=True))
    second = await find_references(asked(f"file://{origin}", write=True))

    assert (first.pushed, second.pushed) == ("acr-relocate/contosonorth", "")
    assert git(origin, "rev-parse", "main") == before
    assert git(origin, "show", f"{first.pushed}:pod.yaml") == MANIFEST.replace(f"{OLD}/", f"{NEW}/")
    assert git(origin, "rev-list", "--count", f"main..{first.pushed}").strip() == "1"
    assert "PASSWORD" not in in_markdown(first)


@pytest.mark.parametrize(
    ("request_", "error", "message"),
    [
        (asked("https://user:secret@example.com/a.git"), InvalidRequest, "has a password"),
        (asked("/nowhere/at/all"), InvalidRequest, "No such file"),
        (asked("file:///nowhere/at/all.git"), RelocationError, "git clone failed"),
        (ReferenceRequest(place="/", source="contoso", target=NEW), InvalidRequest, "'contoso' is not"),
    ],
)
async def test_what_cannot_be_done_is_said_in_one_message(
    request_: ReferenceRequest, error: type[RelocationError], message: str
) -> None:
    """Before anything is read, and without the password."""
    with pytest.raises(error, match=message) as raised:
        await find_references(request_)
    assert "secret" not in str(raised.value)
