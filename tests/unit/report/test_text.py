"""Documents in a terminal: nothing glued, nothing that can be pasted broken, and every printed command is one."""

import os
import re
import shlex
import subprocess
from pathlib import Path

import pytest

from acr_relocate.core.checks import PREFLIGHT, evaluate
from acr_relocate.core.dependencies import Dependency, Surroundings, build_map
from acr_relocate.core.documents.document import (
    Advice,
    AdviceList,
    Cell,
    Code,
    Details,
    Diagram,
    Document,
    Table,
    Text,
    section,
)
from acr_relocate.core.documents.text import to_text, wrap
from acr_relocate.core.findings import Finding
from acr_relocate.core.report.manual_steps import manual_steps_script
from acr_relocate.core.report.report import LeftToPeople, Report
from tests.check_cases.rights_and_locks import CASES as RIGHTS
from tests.check_cases.source_children import CASES as CHILDREN
from tests.check_cases.source_content import CASES as CONTENT
from tests.check_cases.source_settings import CASES as SETTINGS
from tests.check_cases.target_and_access import CASES as TARGETS
from tests.support.builders import request
from tests.support.surroundings import HERE
from tests.unit.dependencies.dependency_examples import INSIDE, PLANTED

ID = "/subscriptions/22222222-2222-2222-2222-222222222222/resourceGroups/contoso-north/providers/Microsoft.Network/x"
COMMAND = f"az acr private-endpoint-connection approve --registry-name contosoregistryne --name a --id {ID}"


def document(*blocks: object) -> str:
    return to_text(Document("Title", "plain", (), section("Section", *blocks)), 80)  # type: ignore[arg-type]


def test_lines_of_a_cell_stay_lines() -> None:
    """Two addresses in one cell never become one."""
    text = document(Table(("", "addresses"), (("source", "203.0.113.0/24\n198.51.100.7"),)))

    assert "203.0.113.0/24\n" in text
    assert "198.51.100.7" in [line.strip() for line in text.splitlines()]
    assert "<br>" not in text


def test_a_name_and_what_stands_below_it_are_apart() -> None:
    """Also in a table that is narrow enough for columns."""
    text = document(Table(("what", "why"), ((Cell("contoso-storefront", "Container App"), "x"),)))

    assert "storefrontContainer" not in text
    assert "Container App" in [line.strip() for line in text.splitlines()]


@pytest.mark.parametrize("width", [40, 80, 200])
def test_nothing_that_can_be_pasted_is_broken(width: int) -> None:
    """A command is one line, in a block, in a remedy and in a sentence; an id is one word."""
    blocks = (
        Code(COMMAND),
        AdviceList((Advice("blocker", f"The subnet {ID} is missing.", f"Approve it: {COMMAND}"),)),
        Text(f"Run `{COMMAND}` and then look at it again, because that takes a while."),
        Table(("what", "how"), (("endpoint", COMMAND),)),
    )
    text = to_text(Document("Title", "plain", (), section("Section", *blocks)), width)

    assert text.count(COMMAND) == 4
    assert text.count(ID) == 5


def test_prose_keeps_the_width() -> None:
    """80 columns, and no word is lost."""
    words = "The quick brown fox jumps over the lazy dog. " * 12
    lines = wrap(words.strip(), 80)

    assert max(map(len, lines)) <= 80
    assert " ".join(lines) == words.strip()


def test_a_list_of_details_has_its_title_and_a_picture_has_no_source() -> None:
    """Five tables one below the other are told apart; Mermaid is for the Prefect UI."""
    text = document(Diagram(mermaid="flowchart TB", svg="<svg/>"), Details("re-created: 3", Table(("a",), (("b",),))))

    assert "re-created: 3:" in text
    assert "flowchart" not in text


def test_what_is_read_up_to_a_word_is_not_indented() -> None:
    """A here-document ends at a word at the margin."""
    remedy = "cat <<EOF\nbody\nEOF"

    assert f"\n{remedy}" in document(AdviceList((Advice("note", "x", remedy),)))


def script_of(*steps: LeftToPeople) -> str:
    fields = {"plan_id": "0", "embedded": False, "verdict": "relocated", "left_to_people": steps}
    ids = {"source_id": request().source.resource_id, "target_id": request().target_id}
    return manual_steps_script(Report.model_validate(fields | ids))


def test_the_script_is_bash_and_counts_its_steps(tmp_path: Path) -> None:
    """Values of the request are comments; a step without a command says so; without steps there is no script."""
    script = script_of(
        LeftToPeople(what="App Service portal", why="set its image", how='az webapp config --image "$(az acr show)"'),
        LeftToPeople(what="subnet", why="left out", how="# in the request:\nsubnets:\n  a: b"),
        LeftToPeople(what="connected registry edge", why="a written procedure"),
    )
    path = tmp_path / "steps.sh"
    path.write_text(script)

    assert subprocess.run(["bash", "-n", str(path)], check=False, capture_output=True).returncode == 0
    assert "3 steps." in script
    assert "#    subnets:" in script
    assert script_of() == ""


def test_the_script_asks_for_the_password_of_apps(tmp_path: Path) -> None:
    """It is read from the terminal and stands in no file; who has set it is not asked."""
    how = 'printf "%s/%s" "${REGISTRY_USER:?}" "${REGISTRY_PASSWORD:?}"'
    path = tmp_path / "steps.sh"
    path.write_text(script_of(LeftToPeople(what="a", why="b", how=how)))

    asked = subprocess.run(["bash", str(path)], input="pull\na secret\n", check=True, capture_output=True, text=True)
    known = {"REGISTRY_USER": "me", "REGISTRY_PASSWORD": "mine"}
    given = subprocess.run(["bash", str(path)], env=os.environ | known, check=True, capture_output=True, text=True)

    assert asked.stdout.endswith("pull/a secret")
    assert given.stdout == "me/mine"
    assert "REGISTRY_PASSWORD" not in script_of(LeftToPeople(what="a", why="b", how="az acr show"))


def test_a_script_with_placeholders_does_nothing(tmp_path: Path) -> None:
    """Not even the steps before the placeholder."""
    path, made = tmp_path / "steps.sh", tmp_path / "made"
    steps = (
        LeftToPeople(what="a", why="b", how=f"touch {made}"),
        LeftToPeople(what="c", why="d", how="echo --subnet RESOURCE-ID-OF-A-SUBNET-THERE"),
    )
    path.write_text(script_of(*steps))
    refused = subprocess.run(["bash", str(path)], check=False, capture_output=True, text=True)
    path.write_text(script_of(*steps).replace("RESOURCE-ID-OF-A-SUBNET-THERE", "north"))
    done = subprocess.run(["bash", str(path)], check=False, capture_output=True, text=True)

    assert (refused.returncode, done.returncode) == (1, 0)
    assert "RESOURCE-ID-OF-A-SUBNET-THERE" in refused.stdout
    assert "nothing was done" in refused.stderr
    assert made.exists()


PROGRAMS = r"(?:az|acr-relocate|kubectl|helm|docker|oras|skopeo|curl|prefect)"
COMMANDS = re.compile(rf"(?:^|[\s(`])({PROGRAMS} [a-z][^\n`]*)", re.MULTILINE)
FINDINGS = {
    (found.code, found.resource): found
    for case in (*SETTINGS, *CHILDREN, *CONTENT, *RIGHTS, *TARGETS)
    for found in evaluate(PREFLIGHT, case.evidence)
}
ENTRIES = [
    entry for around, *_ in PLANTED.values() for entry in build_map(HERE, Surroundings(**around), request()).manual
]
ENTRIES += [entry for here, *_ in INSIDE.values() for entry in build_map(here, Surroundings(), request()).manual]


def broken_commands(remedy: str, shown: str) -> list[str]:
    """Return the commands of a remedy that a shell's parser refuses, or that the terminal shows in pieces."""
    return [one for one in COMMANDS.findall(remedy) if not is_parsed(one) or one.rstrip() not in shown]


def is_parsed(command: str) -> bool:
    """Return whether a shell's parser takes the command."""
    try:
        return bool(shlex.split(command))
    except ValueError:
        return False


def refusal_by_bash(script: str, path: Path) -> str:
    """Return the syntax errors that bash finds in a script; empty without any."""
    path.write_text(script)
    return subprocess.run(["bash", "-n", str(path)], check=False, capture_output=True, text=True).stderr


def test_a_command_that_cannot_be_pasted_is_found(tmp_path: Path) -> None:
    """An open quote and a line break in the middle: the two tests below can fail."""
    good, open_quote = "az acr show --name contosoregistry", "az acr show --name 'contosoregistry"
    step = LeftToPeople(what="a", why="b", how=open_quote)

    assert broken_commands(good, f"- {good}\n") == []
    assert broken_commands(good, "az acr show --name contoso\nregistry") == [good]
    assert broken_commands(open_quote, open_quote) == [open_quote]
    assert "unexpected EOF" in refusal_by_bash(script_of(step), tmp_path / "steps.sh")


@pytest.mark.parametrize("finding", FINDINGS.values(), ids=lambda finding: finding.code)
def test_every_command_of_a_remedy_can_be_pasted_at_80_columns(finding: Finding) -> None:
    """A shell takes it apart, and the terminal has it in one piece."""
    text = document(AdviceList((Advice(finding.severity, finding.message, finding.remedy),)))

    assert broken_commands(finding.remedy, text) == []


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: f"{entry.kind}-{entry.name}")
def test_every_command_of_a_manual_step_can_be_pasted_at_80_columns(entry: Dependency, tmp_path: Path) -> None:
    """Bash takes the script, and the terminal and the script have each line of it in one piece."""
    step = LeftToPeople(what=entry.name, why=entry.action, how=entry.command)

    assert refusal_by_bash(script_of(step), tmp_path / "steps.sh") == ""
    assert entry.command in document(Code(entry.command))
