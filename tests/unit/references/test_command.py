"""`acr-relocate references`: files found, shown, replaced byte for byte, and exit statuses that scripts can rely on."""

import json
import os
import shutil
import stat
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml
from click.testing import Result
from typer.testing import CliRunner

from acr_relocate.core.errors import RelocationError
from acr_relocate.files import text_files
from acr_relocate.files.text_files import Skipped, TextFile
from deployments.commands.references import app

EXAMPLES = Path(__file__).parents[3] / "examples" / "manifests"
OLD, NEW = "contosoregistry.azurecr.io", "contosoregistryne.azurecr.io"
THERE, BACK = ("--from", OLD, "--to", NEW), ("--from", NEW, "--to", OLD)
IMAGE = f"image: {OLD}/app:1\n"
GROUP = "/subscriptions/22222222-2222-2222-2222-222222222222/resourceGroups/contoso"
PROVIDER = "/providers/Microsoft.ContainerRegistry/registries/"
DETAILS = ("--region-from", "westeurope", "--region-to", "northeurope")
IDS = ("--id-from", f"{GROUP}-west{PROVIDER}contosoregistry", "--id-to", f"{GROUP}-north{PROVIDER}contosoregistryne")


def run(*arguments: str | Path) -> Result:
    return CliRunner().invoke(app, [str(argument) for argument in arguments])


def tree(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


def objects(raw: bytes) -> list[Any]:
    return list(yaml.safe_load_all(raw.decode()))


def renamed(value: Any) -> Any:
    """Return an object with each string renamed by plain replacement, as the examples need it."""
    if isinstance(value, dict):
        return {renamed(key): renamed(each) for key, each in value.items()}
    if isinstance(value, list):
        return [renamed(each) for each in value]
    if value == "contosoregistry":
        return "contosoregistryne"
    escaped = (OLD.replace(".", r"\."), NEW.replace(".", r"\."))
    return value.replace(OLD, NEW).replace(*escaped) if isinstance(value, str) else value


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with one manifest."""
    (tmp_path / "pod.yaml").write_text(IMAGE)
    return tmp_path


@pytest.fixture
def examples(tmp_path: Path) -> Path:
    """A copy of the example manifests."""
    return Path(shutil.copytree(EXAMPLES, tmp_path / "manifests"))


@pytest.mark.parametrize("file", ["kubernetes/shop.yaml", "kubernetes/allowed-registries.yaml", "helm/Chart.yaml"])
@pytest.mark.parametrize("more", ["kustomize/kustomization.yaml", "app/compose.yaml", "pipelines/gitlab-ci.yml"])
def test_rewritten_yaml_holds_the_same_objects_but_for_the_registry(examples: Path, file: str, more: str) -> None:
    """Read again, nothing has changed but what names the registry; an image of the same name elsewhere stays."""
    before = tree(examples)
    assert run("rewrite", examples, *THERE).exit_code == 0
    after = tree(examples)
    for name in (file, more):
        assert objects(after[name]) == renamed(objects(before[name])) != objects(before[name])
    assert b"docker.io/contosoregistry/db:15" in after["app/compose.yaml"]


@pytest.mark.parametrize("options", [(), (*DETAILS, *IDS), ("--include-probable", "--include-pull-secrets")])
def test_examples_there_and_back_are_the_same_bytes(examples: Path, options: tuple[str, ...]) -> None:
    """Every file of the examples, line endings, quoting and layout included."""
    before = tree(examples)
    assert run("rewrite", examples, *THERE, *options).exit_code == 0
    between = tree(examples)
    assert run("rewrite", examples, *THERE, *options).exit_code == 0
    assert tree(examples) == between != before
    swapped = [option.replace("-from", "-TO").replace("-to", "-from").replace("-TO", "-to") for option in options]
    # An id that was left names the other registry on the way back: all beside it is only probable then.
    assert run("rewrite", examples, *BACK, *swapped, "--include-probable").exit_code == 0
    assert tree(examples) == before


def test_examples_with_all_details_leave_only_what_people_must_decide(examples: Path) -> None:
    """Two pull secrets remain; what is probable is listed and does not count."""
    run("rewrite", examples, *THERE, *DETAILS, *IDS)
    result = json.loads(run("scan", examples, *THERE, "--json").output)
    kinds = [reference["kind"] for file in result["files"] for reference in file["references"]]
    assert result["remaining"] == 2
    assert sorted(set(kinds)) == ["probable", "pull-secret"]


def test_scan_lists_references_as_editors_read_them(folder: Path) -> None:
    """Path, line, column, kind; and a summary."""
    result = run("scan", folder, *THERE)
    assert result.exit_code == 0
    assert f"{folder / 'pod.yaml'}:1:8: image: {OLD} -> {NEW}" in result.output
    assert "1 reference in 1 file: 1 image." in result.output


def test_scan_writes_nothing(folder: Path) -> None:
    """Not even where everything could be rewritten."""
    run("scan", folder, *THERE)
    assert (folder / "pod.yaml").read_text() == IMAGE


@pytest.mark.parametrize("command", ["scan", "rewrite"])
def test_check_fails_while_references_remain(folder: Path, command: str) -> None:
    """For CI: 1 with nothing written, and 0 once nothing names the old registry."""
    assert run(command, folder, *THERE, "--check").exit_code == 1
    assert (folder / "pod.yaml").read_text() == IMAGE
    run("rewrite", folder, *THERE)
    result = run(command, folder, *THERE, "--check")
    assert result.exit_code == 0
    assert result.output == f"Nothing names {OLD}.\n"


def test_check_does_not_fail_for_what_is_only_probable(folder: Path) -> None:
    """A company is called like its registry: only who asks for probable references is stopped by them."""
    (folder / "pod.yaml").write_text("company: contosoregistry\n")
    assert run("scan", folder, *THERE, "--check").exit_code == 0
    assert run("scan", folder, *THERE, "--check", "--include-probable").exit_code == 1


def test_diff_is_one_that_git_applies(examples: Path) -> None:
    """Nothing is written; the patch, applied, is the rewrite, with Windows line endings and without a last one."""
    (examples / "last.env").write_bytes(f"REGISTRY={OLD}".encode())
    before = tree(examples)
    here = Path.cwd()
    os.chdir(examples)
    try:
        patch = run("rewrite", ".", *THERE, "--diff").stdout_bytes
        assert tree(examples) == before
        subprocess.run(["git", "apply", "--whitespace=nowarn", "-"], input=patch, check=True, cwd=examples)
        by_patch = tree(examples)
        for name, raw in before.items():
            (examples / name).write_bytes(raw)
        run("rewrite", ".", *THERE)
    finally:
        os.chdir(here)
    assert tree(examples) == by_patch != before


def test_a_diff_takes_names_with_blanks_and_says_what_it_cannot_change(tmp_path: Path) -> None:
    """`patch` reads a name up to the first blank unless a tab ends it, and would spoil UTF-16."""
    named = tmp_path / "a folder" / "an image.yaml"
    named.parent.mkdir()
    named.write_text(f"image: {OLD}/app\n")
    wide = tmp_path / "run.ps1"
    wide.write_text(f"\ufeff$r = '{OLD}'\r\n", encoding="utf-16-le", newline="")
    kept = wide.read_bytes()

    patch = run("rewrite", tmp_path, *THERE, "--diff").stdout_bytes
    assert f"+++ b{named}\t\n".encode() in patch
    strip = f"-p{len(tmp_path.parts)}"
    subprocess.run(["git", "apply", strip, "-"], input=patch, check=True, cwd=tmp_path)

    assert named.read_text() == f"image: {NEW}/app\n"
    assert b"run.ps1 is utf-16-le, of which no patch can be made" in patch
    assert wide.read_bytes() == kept


def test_json_says_everything_and_holds_no_secret(examples: Path) -> None:
    """Machines get each reference with its verdict, and never a credential."""
    output = run("scan", examples, *THERE, "--json").output
    result = json.loads(output)
    assert (result["from"], result["to"], result["written"]) == (OLD, NEW, False)
    assert "not-a-password" not in output
    assert "eyJhdXRo" not in output
    secret = next(file for file in result["files"] if file["path"].endswith("pull-secret.yaml"))
    assert [reference["rewrites"] for reference in secret["references"]] == [False, True]


def test_json_of_a_diff_has_it_file_by_file(folder: Path) -> None:
    """With --diff, each file carries its own."""
    result = json.loads(run("rewrite", folder, *THERE, "--diff", "--json").output)
    assert f"+image: {NEW}/app:1" in result["files"][0]["diff"]
    assert (folder / "pod.yaml").read_text() == IMAGE


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--from", "contosoregistry", "--to", NEW), "is not a registry's login server"),
        (("--from", OLD, "--to", OLD), "there is nothing to rewrite"),
        ((*THERE, "--region-from", "westeurope"), "belong together"),
        ((*THERE, "absent"), "No such file or folder: absent."),
    ],
)
def test_bad_input_touches_nothing(folder: Path, arguments: tuple[str, ...], message: str) -> None:
    """One message, exit status 2, and no file was opened for writing."""
    result = run("rewrite", folder, *arguments)
    assert result.exit_code == 2
    assert result.stderr.count("\n") == 1
    assert message in result.stderr
    assert (folder / "pod.yaml").read_text() == IMAGE


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-be", "utf-32", "latin-1", "cp1252"])
def test_encoding_stays(tmp_path: Path, encoding: str) -> None:
    """Bytes that are no part of a reference are the same, whatever they mean."""
    text = f"# Gr\u00fc\u00dfe\r\nimage: {OLD}/app"
    mark = "\ufeff" if encoding == "utf-16-be" else ""
    (tmp_path / "a.yaml").write_bytes((mark + text).encode(encoding))
    run("rewrite", tmp_path, *THERE)
    assert (tmp_path / "a.yaml").read_bytes() == (mark + text.replace(OLD, NEW)).encode(encoding)


def test_what_is_not_looked_into_is_counted(folder: Path) -> None:
    """Binaries, tools' folders and links are left alone, and the summary says so."""
    (folder / "image.tar").write_bytes(b"\0\1" + IMAGE.encode())
    (folder / ".git").mkdir()
    (folder / ".git" / "config").write_text(IMAGE)
    (folder / "node_modules").mkdir()
    (folder / "node_modules" / "a.js").write_text(IMAGE)
    (folder / "link.yaml").symlink_to(folder / "pod.yaml")
    before = tree(folder)
    result = run("rewrite", folder, *THERE)
    assert "Skipped: 1 x a symbolic link, 2 x a tool's folder, 1 x binary." in result.output
    changed = {name for name, raw in tree(folder).items() if raw != before[name]}
    assert changed == {"pod.yaml", "link.yaml"}
    assert (folder / "link.yaml").is_symlink()


def test_named_link_stays_a_link(tmp_path: Path) -> None:
    """The file that it leads to is rewritten."""
    (tmp_path / "real.yaml").write_text(IMAGE)
    (tmp_path / "link.yaml").symlink_to("real.yaml")
    run("rewrite", tmp_path / "link.yaml", *THERE)
    assert (tmp_path / "link.yaml").is_symlink()
    assert NEW in (tmp_path / "real.yaml").read_text()


def test_paths_that_overlap_are_read_once(folder: Path) -> None:
    """A file is one file, however often it is named."""
    result = run("scan", folder, folder / "pod.yaml", *THERE)
    assert "1 reference in 1 file" in result.output


def test_permissions_stay_and_no_draft_is_left(folder: Path) -> None:
    """A script stays executable."""
    (folder / "pod.yaml").chmod(0o750)
    run("rewrite", folder, *THERE)
    assert stat.S_IMODE((folder / "pod.yaml").stat().st_mode) == 0o750
    assert [path.name for path in folder.iterdir()] == ["pod.yaml"]


def test_owner_stays(folder: Path) -> None:
    """A worker that is root must leave files to whose they are; who is not can give them to a group of its own."""
    somebody = (4711, 4712) if os.geteuid() == 0 else (os.geteuid(), os.getgroups()[-1])
    os.chown(folder / "pod.yaml", *somebody)
    run("rewrite", folder, *THERE)
    owner = (folder / "pod.yaml").stat()
    assert (owner.st_uid, owner.st_gid) == somebody


def test_longest_name_is_rewritten(tmp_path: Path) -> None:
    """The draft's name must not be longer than file systems allow, whatever the file's is."""
    path = tmp_path / f"{'n' * 250}.yaml"
    path.write_text(IMAGE)
    assert run("rewrite", tmp_path, *THERE).exit_code == 0
    assert NEW in path.read_text()


@pytest.mark.parametrize("raw", [b"#!/bin/sh\n%b" + b"x" * 10_000 + b"\n\0\1", b"%%PDF-1.4\n%b"])
def test_binary_with_text_in_front_is_not_touched(tmp_path: Path, raw: bytes) -> None:
    """Of an installer, which is a script with an archive behind it, and of a PDF, positions are part of the file."""
    before = raw % IMAGE.encode()
    (tmp_path / "file").write_bytes(before)
    assert "1 x binary" in run("rewrite", tmp_path, *THERE).output
    assert (tmp_path / "file").read_bytes() == before


def test_file_without_a_reference_is_not_touched(folder: Path) -> None:
    """Not even rewritten with the same content."""
    (folder / "other.yaml").write_text("image: redis\n")
    before = (folder / "other.yaml").stat()
    run("rewrite", folder, *THERE)
    after = (folder / "other.yaml").stat()
    assert (after.st_ino, after.st_mtime_ns) == (before.st_ino, before.st_mtime_ns)


def test_file_that_someone_else_changed_meanwhile_is_left_alone(folder: Path) -> None:
    """Their change is worth more than ours, which can be made again."""
    text = text_files.read_text_file(folder / "pod.yaml")
    assert isinstance(text, TextFile)
    (folder / "pod.yaml").write_text("theirs")
    with pytest.raises(RelocationError, match="changed by someone else"):
        text_files.replace(text, "ours")
    assert (folder / "pod.yaml").read_text() == "theirs"


def test_file_that_cannot_be_read_makes_the_result_incomplete(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Never "nothing found" about a file that could not be opened: it is named, and the exit status says so."""

    def refuse(path: Path) -> bytes:
        raise PermissionError(13, "Permission denied", str(path))

    monkeypatch.setattr(Path, "read_bytes", refuse)
    result = run("scan", folder, *THERE)
    assert result.exit_code == 1
    assert f"{folder / 'pod.yaml'}: cannot be read: Permission denied" in result.stderr


def test_file_that_cannot_be_written_does_not_hold_up_the_others(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is as it was, no draft is left, and the exit status says that a file is left."""
    (folder / "a.yaml").write_text(IMAGE)
    replace = Path.replace

    def refuse(path: Path, target: Path) -> Path:
        if target.name == "a.yaml":
            raise PermissionError(13, "Permission denied", str(target))
        return replace(path, target)

    monkeypatch.setattr(Path, "replace", refuse)
    result = run("rewrite", folder, *THERE)
    assert result.exit_code == 1
    assert "Permission denied" in result.stderr
    assert tree(folder) == {"a.yaml": IMAGE.encode(), "pod.yaml": IMAGE.replace(OLD, NEW).encode()}


def test_link_that_leads_nowhere_is_only_counted(folder: Path) -> None:
    """A loop of links ends nothing."""
    (folder / "loop").symlink_to(folder / "loop")
    assert "1 x a symbolic link" in run("scan", folder, *THERE).output


def test_text_that_only_claims_to_be_utf_16_is_left_alone(tmp_path: Path) -> None:
    """Half a character at the end: its bytes could not be given back."""
    (tmp_path / "a.txt").write_bytes(b"\xff\xfea\0b")
    assert text_files.read_text_file(tmp_path / "a.txt") == Skipped(tmp_path / "a.txt", "not valid utf-16-le")


@pytest.mark.parametrize("command", ["scan", "rewrite"])
def test_an_empty_path_is_refused(command: str) -> None:
    """A variable that is not set is not the folder that one happens to be in."""
    result = run(command, "", *THERE)

    assert result.exit_code == 2
    assert "a path is empty" in result.output
