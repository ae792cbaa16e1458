"""Credentials beside a login server, plain or base64: found, and left alone unless asked for.

The password in it belongs to the old registry. With the host replaced, the secret would look right and fail.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterable, Iterator
from typing import Final, NamedTuple

from acr_relocate.core.references.lines import Lines, Span

CREDENTIALS: Final = "holds credentials of the old registry, which the new one will not accept: make the secret anew"
REFERS: Final = "the credentials that are named beside it belong to the old registry: replace them as well"

# A value, and not nothing, a variable, a substitution, a template's expression or placeholder, or what App Service or
# Terraform reads elsewhere.
_LITERAL: Final = (
    r"\\*[\"']?(?!\\*[\"']|[\s,}]|$|\$|%|\{|<|\[|`|#\{|__\w+__|null\b|~"
    r"|@Microsoft\.KeyVault\(|(?:var|local|data|module|each)\.)"
)
_VALUE: Final = rf"(?P<value>{_LITERAL})?"
_KEY_END: Final = r"(?:password|passwd|registry_?token)"
_AFTER_AUTHS_KEY: Final = re.compile(
    r"[^\s\"'\\]{0,200}\\{0,8}[\"']?\s{0,9}:\s*\{[^{}]{0,1000}?"
    r"(?:auth|password|identitytoken|registrytoken)\\*[\"']?\s*:\s*" + _VALUE
)
_USER_INFO: Final = re.compile(r"//[^\s/@:\"']*:(?P<value>(?![$%{<])[^\s/@\"']+)?[^\s/@\"']*@$")
_PASSWORD_OPTION: Final = re.compile(rf"\s(?:--[a-z-]*password[ =]|-p[ =]?){_VALUE}")
_LOGIN: Final = re.compile(
    r"\b(?:docker|podman|nerdctl|buildah|skopeo|oras|crane auth|helm registry)\s+login\b|registry\s+set\b"
    r"|\baz\s+acr\s+import\b|--(?:docker-server|registry-server|registry-login-server|(?:docker|container)-registry(?:-server)?-url)\b"
)
_PIPED: Final = re.compile(rf"\b(?:echo|printf)\s+(?:-n\s+)?{_VALUE}[^|\n]*\|[^|\n]*\blogin\b[^|\n]*--password-stdin")
_HERE: Final = re.compile(rf"\blogin\b[^|\n]*--password-stdin[^|\n]*<<<[ \t]*{_VALUE}")
_USER_OPTION: Final = re.compile(
    rf"\b(?:curl|skopeo|oras|crane|buildah|podman)\b.*\s(?:-u|--user|--(?:\w+-)?creds)[ =][\"']?[\w$.{{}}-]+:"
    rf"{_VALUE}",
    re.DOTALL,
)
# What follows a host where tools keep passwords: netrc, npm and Helm, Jib, Maven, containerd, k3s and skopeo.
_KEPT_BY_TOOLS: Final = re.compile(
    rf"(?:\s+login\s+\S+\s+password\s+|/[^\s:\"']{{0,200}}:_(?:authToken|auth|password)\s*=\s*"
    rf"|[^\s<]{{0,200}}</image>\s*<auth>(?:(?!</auth>).){{0,300}}?<password>"
    rf"|</id>(?:(?!</server>).){{0,300}}?<password>"
    rf"|[\"']\.auth\][ \t]*\r?\n(?:[ \t]*\w+\s*=[^\n]*\n)*?[ \t]*password\s*=\s*"
    rf"|[\"']\.header\][ \t]*\r?\n(?:[ \t]*\w+\s*=[^\n]*\n)*?[ \t]*authorization\s*=\s*"
    rf"|[\"']?:\s+(?:auth|credentials):[ \t]*\r?\n(?:[ \t]+\w+:[^\n]*\n)*?[ \t]+password:\s*){_VALUE}",
    re.DOTALL,
)
_KEY: Final = re.compile(r"^(?P<indent>[ \t]*(?:- )?)(?P<key>[\w.$:\"'\\-]+?)[\"']?\s*[:=]")
_SERVER_KEY: Final = re.compile(r"registry|server|host|url", re.IGNORECASE)
_PASSWORD_LINE: Final = re.compile(
    r"^(?P<indent>[ \t]*(?:- )?)[\"']?"
    rf"(?P<key>[\w.-]*?{_KEY_END})[\"']?\s*[:=]\s*{_VALUE}",
    re.IGNORECASE,
)
_PASSWORD_BESIDE: Final = re.compile(
    rf"(?<![\w.-])(?P<key>[\w.-]*?{_KEY_END})\\*[\"']?\s*[:=]\s*{_VALUE}",
    re.IGNORECASE,
)
# Settings as Azure and Kubernetes list them: a name, and its value in the next place.
_NEXT: Final = r"\\*[\"']?\s*,?\s*\\*[\"']?value\\*[\"']?\s*[:=]\s*"
_SERVER_SETTING: Final = re.compile(
    rf"name\\*[\"']?\s*[:=]\s*\\*[\"']?\w*(?:registry|server|host|url)\w*{_NEXT}\\*[\"']?(?:https?://)?$",
    re.IGNORECASE,
)
_PASSWORD_SETTING: Final = re.compile(
    rf"name\\*[\"']?\s*[:=]\s*\\*[\"']?(?P<key>\w*{_KEY_END}){_NEXT}{_VALUE}",
    re.IGNORECASE,
)
_OWN_PASSWORD: Final = re.compile(r"^(?:password|passwd)$|acr|registry|docker|image", re.IGNORECASE)
_DEEPEST: Final = 200  # characters: indentation beyond it is none
_WIDEST: Final = 400  # characters: how far apart they are in one object, or in neighbouring settings
_NEAR: Final = 6  # lines: how far apart a server and its password are written

_BASE64_RUN: Final = re.compile(r"(?<![A-Za-z0-9+/=_.-])[A-Za-z0-9+/]{20,}={0,2}(?![A-Za-z0-9+/=_-])")
_BASE64_LINE: Final = re.compile(r"(?P<gap>\r?\n(?P<indent>[ \t]*))(?P<data>[A-Za-z0-9+/]+={0,2})(?=[ \t]*(?:\r?\n|$))")


class Encoded(NamedTuple):
    """A base64 value in a text. `gap` is what stands between its lines of `width` characters."""

    span: Span
    plain: str
    width: int
    gap: str

    def encode(self, plain: str) -> str:
        """Return another value, encoded and laid out as this one is."""
        data = base64.b64encode(plain.encode()).decode()
        if not self.gap:
            return data
        return self.gap.join(data[start : start + self.width] for start in range(0, len(data), self.width))


def credentials_beside(lines: Lines, start: int, end: int, *, plain_host: bool) -> str:
    """Return what is to be said of credentials beside a host: CREDENTIALS, REFERS (they are elsewhere), or nothing."""
    statement, command = (lines.text[slice(*span)] for span in (lines.statement(start), lines.command(start)))
    found = [
        _USER_INFO.search(lines.before(start)),
        _AFTER_AUTHS_KEY.match(lines.text, end),
        _KEPT_BY_TOOLS.match(lines.text, end),
        _PASSWORD_OPTION.search(command) if _LOGIN.search(command) else None,
        _PIPED.search(statement),
        _HERE.search(command),
        _USER_OPTION.search(command),
    ]
    beside = [*_password_lines(lines, start), *_passwords_beside(lines.text, start, end)] if plain_host else []
    if any(match["value"] is not None for match in found if match):
        return CREDENTIALS
    if any(_is_text(match["value"], lines) for match in beside):
        return CREDENTIALS
    return REFERS if beside or any(found) else ""


def _is_text(value: str | None, lines: Lines) -> bool:
    """Whether the beginning of a password is one of text: in code, a bare word is a variable or a call."""
    return value is not None and (not lines.is_code or value.endswith(("'", '"')))


def _password_lines(lines: Lines, start: int) -> Iterator[re.Match[str]]:
    """Yield the passwords among the neighbours of a key such as `server:` or `REGISTRY_URL=`."""
    number = lines.number(start)
    key = _KEY.match(lines.line(number))
    if not key or not _SERVER_KEY.search(key["key"]):
        return
    for neighbour in range(number - _NEAR, number + _NEAR + 1):
        found = _PASSWORD_LINE.match(lines.line(neighbour))
        if found and len(found["indent"]) == len(key["indent"]) and _OWN_PASSWORD.search(found["key"]):
            yield found


def _passwords_beside(text: str, start: int, end: int) -> Iterator[re.Match[str]]:
    """Yield the passwords in a object or call of a host, `{server: …, password: …}`, and in settings beside its own."""
    head, tail = text[max(0, start - _WIDEST) : start], text[end : end + _WIDEST]
    for opening, closing in ("{}", "()"):
        if opening in head.rpartition(closing)[2] and closing in tail:
            inside = f"{head.rpartition(opening)[2]}\n{tail.partition(closing)[0]}"
            yield from _own(_PASSWORD_BESIDE.finditer(inside))
    if _SERVER_SETTING.search(head):
        yield from _own(_PASSWORD_SETTING.finditer(f"{head}\n{tail}"))


def _own(passwords: Iterable[re.Match[str]]) -> Iterator[re.Match[str]]:
    """Yield those that are a registry's, by their keys: not a database's."""
    return (one for one in passwords if _OWN_PASSWORD.search(one["key"]))


def find_encoded(text: str, position: int = 0) -> Iterator[Encoded]:
    """Yield the base64 values, from a position on, that are text and come out the same when encoded again."""
    while first := _BASE64_RUN.search(text, position):
        data, gap, position = _run(text, first)
        plain = _decoded(data)
        if plain is None:
            continue
        encoded = Encoded(Span(first.start(), position), plain, len(first[0]), gap)
        if encoded.encode(plain) == text[first.start() : position]:
            yield encoded


def _run(text: str, first: re.Match[str]) -> tuple[str, str, int]:
    """Return the data that begins with a run of base64 characters, what stands between its lines, and where it ends.

    Only a run that has its line to itself goes on in the next one, and only with the same indentation.
    """
    pieces, end, gap, width = [first[0]], first.end(), "", len(first[0])
    indent = re.search(r"(?:^|\n)([ \t]*)$", text[max(0, first.start() - _DEEPEST) : first.start()])
    while indent and len(pieces[-1]) == width and (line := _BASE64_LINE.match(text, end)):
        if line["indent"] != indent[1] or len(line["data"]) > width:
            break
        gap, end = line["gap"], line.end()
        pieces.append(line["data"])
    return "".join(pieces), gap, end


def _decoded(data: str) -> str | None:
    """Return the text that base64 data is, or None if it is something else."""
    try:
        return base64.b64decode(data, validate=True).decode()
    except (binascii.Error, UnicodeDecodeError):
        return None
