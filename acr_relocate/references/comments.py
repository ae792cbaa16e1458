"""Whether a position of a text is inside a comment, by the language of its file."""

from __future__ import annotations

import re
from typing import Final, NamedTuple

from acr_relocate.references.source_text import Lines, blank

# Endings of files: what begins a comment to the end of a line, and what is around one of several lines.
_LANGUAGES: Final = {
    "bicep bicepparam c cake cc cpp cs csx cts cue cxx d dart fs fsx go gradle groovy h hh hpp hxx java js json json5 "
    "jsonc jsx kt kts less m mjs mm mod mts pkl proto rs sass scala scss sol styl swift ts tsx zig": ("//", "/* */"),
    "hcl jsonnet libsonnet nomad php tf tfvars": ("# //", "/* */"),
    "svelte vue": ("//", "/* */ <!-- -->"),
    "astro cshtml razor": ("//", "/* */ @* *@ <!-- -->"),
    "css": ("", "/* */"),
    "csl kql": ("//", ""),
    "nix": ("#", "/* */"),
    "ddl plsql psql sql": ("--", "/* */"),
    "lua": ("--", "--[[ ]]"),
    "dhall elm hs purs": ("--", "{- -}"),
    "ada adb ads vhd vhdl": ("--", ""),
    "clj cljc cljs edn el lisp rkt scm": (";", "#| |#"),
    "erl hrl mmd sty tex": ("%", ""),
    "bas vb vbs": ("' rem", ""),
    "plantuml puml": ("'", "/' '/"),
    "bat cmd": ("rem ::", ""),
    "cfg conf container image ini kube network pod properties service timer volume": ("# ^; ^!", ""),
    "config csproj dcproj fsproj htm html md nuspec plist props ps1xml pubxml resx sfproj svg targets vbproj vcxproj "
    "wsdl xaml xhtml xml xsd xsl xslt": ("", "<!-- -->"),
    "mdx": ("", "{/* */} <!-- -->"),
    "j2 jinja jinja2 njk twig": ("#", "{# #} <!-- -->"),
    "hbs mustache": ("#", "{{! }} <!-- -->"),
    "erb": ("#", "<%# %> <!-- -->"),
    "ascx aspx jsp": ("", "<%-- --%> <!-- -->"),
    "ps1 psd1 psm1": ("#", "<# #>"),
    "rb": ("#", "\n=begin \n=end"),
    "gotmpl tpl txt yaml yml": ("#", "/* */}}"),
    "ml mli pas": ("", "(* *)"),
    "adoc": ("^//", ""),
    "rst": ("..", ""),
}
_BEGINS: Final = {
    "#": re.compile(r"(?:^|(?<=[\s\ufeff]))#"),
    "//": re.compile(r"(?<![:\w\"'\\])//"),
    "--": re.compile(r"(?<![\w\"'-])--"),
    ";": re.compile(r"(?:^|(?<=[\s()\[\]]));"),
    "%": re.compile(r"(?<!\\)%"),
    "'": re.compile(r"(?:^|(?<=[\s)\"]))'"),
    "rem": re.compile(r"^\s*@?rem\b", re.IGNORECASE),
    "::": re.compile(r"^\s*::"),
    "^;": re.compile(r"^\s*;"),
    "^!": re.compile(r"^\s*!"),
    "^//": re.compile(r"^//"),
    "..": re.compile(r"^\.\. (?!\S+::)"),
}
_DOUBLE_QUOTED: Final = re.compile(r"\"(?:[^\"\\]|\\.)*(?:\"|$)")
_QUOTED: Final = re.compile(rf"{_DOUBLE_QUOTED.pattern}|(?<![A-Za-z0-9])[fFrRbBuU]{{0,2}}'(?:[^'\\]|\\.)*(?:'|$)")
_LISP_AND_BASIC: Final = frozenset({";", "'"})  # where an apostrophe quotes no text
_TEMPLATE_COMMENT: Final = re.compile(r"\{\{-?\s*/\*(?:(?!\*/).)*$", re.DOTALL)
_MOST_GLOBS: Final = 30  # in a row, that are looked past for the beginning of a comment
_LONGEST: Final = 50_000  # characters


class _Language(NamedTuple):
    """What begins a comment, each to the end of its line, and what is around one."""

    begins: tuple[str, ...]
    around: tuple[tuple[str, str], ...]


def _language(begins: str, around: str) -> _Language:
    marks = around.split(" ")
    return _Language(tuple(begins.split()), tuple(zip(marks[::2], marks[1::2], strict=False)))


_BY_SUFFIX: Final = {
    f".{ending}": _language(*marks) for endings, marks in _LANGUAGES.items() for ending in endings.split()
}
_ANY: Final = _language("#", "")


def in_comment(lines: Lines, position: int) -> bool:
    """Whether a position is inside a comment of the file's language."""
    language = _BY_SUFFIX.get(lines.suffix, _ANY)
    quoted = _DOUBLE_QUOTED if _LISP_AND_BASIC.intersection(language.begins) else _QUOTED
    head = quoted.sub(blank, lines.before(position))
    if any(_BEGINS[mark].search(head) for mark in language.begins):
        return True
    return any(_inside(lines, position, *marks) for marks in language.around)


def _inside(lines: Lines, position: int, opening: str, closing: str) -> bool:
    """Whether the last opening before a position is not closed before it. One in quotes, a glob, opens nothing."""
    first, opened = max(0, position - _LONGEST), position
    for _ in range(_MOST_GLOBS):
        opened = lines.text.rfind(opening, first, opened)
        if opened < 0 or lines.text.find(closing, opened, position) >= 0:
            return False
        if closing.endswith("*/}}"):  # elsewhere in a manifest, a glob or a command
            return bool(_TEMPLATE_COMMENT.search(lines.text[first:position]))
        if _QUOTED.sub(blank, lines.before(opened) + opening).endswith(opening):
            return True
    return False
