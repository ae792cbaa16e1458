"""The house keeps its rules, and each rule is seen to fail when it is broken."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.architecture import ROOMS, ROOT, RULES, clauses_as_subjects, defined_twice, riddles, sources, texts

BIN = Path(sys.executable).parent

LONG_FUNCTION = "def long() -> int:\n" + "    x = 1\n" * 45 + "    return x\n"
BROKEN = {
    "small": LONG_FUNCTION,
    "tasks never call tasks": "@task\ndef a(): ...\n@task(retries=3)\nasync def b():\n    a()\n",
    "a flow reads like the article": "@flow\ndef f():\n    try:\n        ...\n    except ValueError:\n        ...\n",
}

# One offending import for each contract of pyproject.toml, by the name that import-linter reports.
OFFENCES = {
    "The layers": ("acr_relocate/core/registry/offence_layer.py", "import tasks"),
    "The rooms of the core": ("acr_relocate/core/registry/offence_room.py", "import acr_relocate.core.report"),
    "The rooms of the embedded Azure": ("local_azure/state/offence_room.py", "import local_azure.wire"),
    "The rooms of the tasks": ("tasks/runs/offence_room.py", "import tasks.imports"),
    "Flows decide nothing about Azure": ("flows/offence.py", "import acr_relocate.azure"),
    "The embedded Azure knows nothing of ours": ("local_azure/state/offence.py", "import acr_relocate"),
    "Nothing of ours knows whether Azure is embedded": ("acr_relocate/azure/offence.py", "import local_azure"),
    "Prefect could be replaced": ("acr_relocate/azure/offence_prefect.py", "import prefect"),
    "One place speaks HTTP": ("tasks/offence.py", "import azure.identity"),
    "The core is pure": ("acr_relocate/core/registry/offence_pure.py", "import os"),
}


PROSE = (
    *ROOMS,
    "docs",
    "tests",
    "benchmarks",
    "examples",
    "README.md",
    "CONTRIBUTING.md",
    "CHANGELOG.md",
    "SECURITY.md",
)
# Lines that have to have such a phrase: the rule itself, a recorded address, and a text of others.
ALLOWED_RIDDLES = [
    "tests/emulator/replay/plane_scenes.py",
    "tests/support/architecture.py",
]


def run(*command: str, cwd: Path = ROOT, stdin: str | None = None) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, cwd=cwd, input=stdin, capture_output=True, text=True, check=False)


@pytest.mark.parametrize("rule", RULES)
def test_rule_holds(rule: str) -> None:
    """Every file of the rooms keeps the rule."""
    violations, rooms = RULES[rule]
    found = [f"{path.relative_to(ROOT)}: {what}" for path in sources(*rooms) for what in violations(path.read_text())]
    assert not found


@pytest.mark.parametrize("rule", RULES)
def test_rule_fails_when_broken(rule: str) -> None:
    """A rule that cannot fail would be a defect."""
    violations, _ = RULES[rule]
    assert violations(BROKEN[rule])


def test_no_public_name_is_defined_twice() -> None:
    """A search for a name leads to one place."""
    files = {
        str(path.relative_to(ROOT)): path.read_text() for path in sources(*ROOMS) if "local_azure" not in path.parts
    }
    again = {"acr_relocate/core/again.py": "def registry_id(): ...\nPAGE_ENTRIES = 1\n_own = 2\n"}
    assert defined_twice(files) == []
    assert defined_twice(files | again) == ["PAGE_ENTRIES", "registry_id"]


def test_no_text_speaks_in_riddles() -> None:
    """A reader whose second language is English knows each phrase; at most twenty lines are exceptions."""
    found = riddles(texts(*PROSE))

    assert sorted(found) == ALLOWED_RIDDLES
    assert riddles({"a.md": "if x is None\nWhoever reads it\nA set is empty."}) == ["a.md"]


def test_every_import_contract_fails_when_broken(tmp_path: Path) -> None:
    """One offending import for each contract in a copy of the house: import-linter names each of them."""
    for room in ROOMS:
        shutil.copytree(ROOT / room, tmp_path / room, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    for path, line in OFFENCES.values():
        (tmp_path / path).write_text(line + "\n")
    # From the copy's own folder, so that the copy is linted and not the installed package.
    result = run(str(BIN / "lint-imports"), "--no-cache", cwd=tmp_path)
    kept = [name for name in OFFENCES if not any(name in row and "BROKEN" in row for row in result.stdout.splitlines())]
    assert result.returncode == 1
    assert not kept


@pytest.mark.parametrize("container", ["acr_relocate/core", "local_azure"])
def test_a_file_outside_the_rooms_breaks_the_contract(tmp_path: Path, container: str) -> None:
    """A new file lies in a room, not flat beside the rooms."""
    for room in ROOMS:
        shutil.copytree(ROOT / room, tmp_path / room, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    (tmp_path / container / "offence_flat.py").write_text("")
    result = run(str(BIN / "lint-imports"), "--no-cache", cwd=tmp_path)
    assert result.returncode == 1
    assert "offence_flat" in result.stdout


def test_strict_types_fail_when_broken(tmp_path: Path) -> None:
    """An untyped function is refused by the project's own mypy configuration."""
    (tmp_path / "offence.py").write_text("def f(x):\n    return x\n")
    result = run(str(BIN / "mypy"), "--config-file", str(ROOT / "pyproject.toml"), str(tmp_path / "offence.py"))
    assert result.returncode == 1
    assert "no-untyped-def" in result.stdout


def test_strict_lint_fails_when_broken() -> None:
    """A bare except is refused by the project's own ruff configuration."""
    offence = "try:\n    pass\nexcept Exception:\n    pass\n"
    result = run(str(BIN / "ruff"), "check", "--stdin-filename", "acr_relocate/offence.py", "-", stdin=offence)
    assert result.returncode == 1
    assert "BLE001" in result.stdout


def test_docstrings_have_concrete_subjects() -> None:
    """A noun or a verb first, so that a reader knows from the first word."""
    broken = "def f():\n    " + 3 * '"' + "Who may do what."
    assert clauses_as_subjects(texts(*ROOMS, "tests", "benchmarks", "docs")) == []
    assert clauses_as_subjects({"a.py": broken, "b.py": '"""Roles."""'}) == ["a.py"]
