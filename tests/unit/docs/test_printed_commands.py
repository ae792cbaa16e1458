"""Every command that our texts name can be told from the prose around it, so that it can be pasted.

It is in back quotes, or it is the last in its line, after which no prose follows.
"""

import ast
import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import pytest

from deployments.commands.panels import PANELS

ROOT = Path(__file__).parents[3]
PACKAGES = ("acr_relocate", "tasks", "flows", "deployments")
OURS = "|".join(name for names in PANELS.values() for name in names)
OTHERS = r"(?:az|kubectl|helm|docker|oras|skopeo|curl|prefect) [a-z]"
QUOTED = re.compile(r"`((?:acr-relocate|az|kubectl|prefect) [^`\n]+)`")
BARE = re.compile(rf"(?:^|[\s(])((?:acr-relocate (?:{OURS})\b|{OTHERS})[^\n]*)", re.MULTILINE)
OUR_MESSAGES = {"prefect deploy failed:\n…"}
"""Texts about a program of that name, which are no command."""


def text_of(node: ast.expr) -> str:
    """A string with … for each value in it."""
    match node:
        case ast.Constant(value=str() as value):
            return value
        case ast.JoinedStr(values=parts):
            return "".join(text_of(part) if isinstance(part, ast.Constant) else "…" for part in parts)
        case ast.BinOp(left=left, op=ast.Add(), right=right):
            return text_of(left) + text_of(right)
    return ""


def texts(tree: ast.Module) -> Iterator[str]:
    """Each whole text of a module, without docstrings."""
    parts = {id(value) for node in ast.walk(tree) if isinstance(node, ast.JoinedStr) for value in node.values}
    parts |= {id(side) for node in ast.walk(tree) if isinstance(node, ast.BinOp) for side in (node.left, node.right)}
    parts |= {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant | ast.JoinedStr | ast.BinOp) and id(node) not in parts:
            yield text_of(node)


def prose_after(command: str) -> bool:
    """Whether a word of the command ends a clause, which only prose does."""
    outside = re.sub(r"'[^']*'|\"[^\"]*\"|#.*|; (?=az |acr-relocate |kubectl )", "", command)
    return any(word[-1] in ".,:;)" for word in outside.split() if len(word) > 1)


TEXTS = sorted({text for package in PACKAGES for file in (ROOT / package).rglob("*.py")
                for text in texts(ast.parse(file.read_text()))} - OUR_MESSAGES)  # fmt: skip
COMMANDS = [(found[1], text) for text in TEXTS for found in BARE.finditer(re.sub(r"`[^`]*`", "`…`", text))
            if "$(" not in text]  # fmt: skip
"""A text with a substitution is a script, which the tests of manual steps give to bash."""


def test_there_are_commands() -> None:
    """The reading of the sources finds them."""
    assert len(COMMANDS) > 100
    assert len([text for text in TEXTS if QUOTED.search(text)]) > 20


@pytest.mark.parametrize(("command", "text"), COMMANDS)
def test_no_prose_follows_a_command(command: str, text: str) -> None:
    """`az acr task create --name build, with these.` would be pasted with a comma, and with two more arguments."""
    assert not prose_after(command), text


PRINTED = sorted({command for command, _ in COMMANDS}.union(*map(QUOTED.findall, TEXTS)))


@pytest.mark.parametrize("command", PRINTED)
def test_a_command_is_one_for_a_shell(command: str) -> None:
    """Its quotes are closed."""
    assert shlex.split(command)[1:]


def test_an_open_quote_is_refused() -> None:
    """The parser of the test above can fail."""
    with pytest.raises(ValueError, match="No closing quotation"):
        shlex.split("az acr show --name 'contoso")
