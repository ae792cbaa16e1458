"""Credentials beside a login server, plain or base64: found, and left alone unless asked for.

The password in it belongs to the old registry. With the host replaced, the secret would look right and fail.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Final

from acr_relocate.references.enclosing_objects import KUBERNETES_SECRET, secret_around, siblings
from acr_relocate.references.source_text import Lines, Span

CREDENTIALS: Final = "holds credentials of the old registry, which the new one will not accept: recreate the secret"
REFERS: Final = "the credentials named beside it belong to the old registry: replace them as well"

# A value: not empty, a variable, a substitution, a template's expression or placeholder, or a reference that App
# Service, Terraform, vals, 1Password or a cmdlet resolves.
_LITERAL: Final = (
    r"\\*[\"']?(?!\\*[\"']|[\s,}]|$|\$|%|\{|<|\[|\(|`|#\{|__\w+__|null\b|~"
    r"|\*\*|true\b|false\b|ref\+|op://|(?:Get|Read|ConvertTo)-[A-Z]"
    r"|@Microsoft\.KeyVault\(|(?:var|local|data|module|each)\.)"
)
_VALUE: Final = rf"(?P<value>{_LITERAL})?"
_KEY_END: Final = r"(?:password|passwd|(?<!by)pass|pwd|registry_?token)"
_AFTER_AUTHS_KEY: Final = re.compile(
    r"[^\s\"'\\]{0,200}\\{0,8}[\"']?\s{0,9}:\s*\{[^{}]{0,1000}?"
    r"(?:auth|pass(?:word)?|identitytoken|registrytoken)\\*[\"']?\s*:\s*" + _VALUE
)
_USER_INFO: Final = re.compile(r"//[^\s/@:\"']*:(?P<value>(?![$%{<])[^\s/@\"']+)?[^\s/@\"']*@\Z")
_PASSWORD_OPTION: Final = re.compile(rf"\s--?[a-z-]*password[ =:]{_VALUE}", re.IGNORECASE)
_SHORT_OPTION: Final = re.compile(rf"\s-p[ =]?{_VALUE}")
_LISTED_OPTION: Final = re.compile(
    r"[\"']--?(?:p|[a-z-]*password)[\"']\s*,\s*(?P<value>[\"'](?![\"'$%{<]))?", re.IGNORECASE
)
# Commands that take a registry's password, and options that only such commands have.
_SHORT_LOGIN: Final = re.compile(r"\blogin\b|\baz\s+acr\s+(?:import|task\s+credential)\b")
_LOGIN: Final = re.compile(
    rf"{_SHORT_LOGIN.pattern}|\bregistry\s+set\b|\brepo(?:creds)?\s+add\b|\bcreate\s+secret\b|\bwget\b"
    r"|\bhelm\s+(?:pull|show|template|install|upgrade|dependency)\b"
    r"|--(?:docker-server|registry-server|registry-login-server|(?:docker|container)-registry(?:-server)?-url)\b"
)
_NAMED_LOGIN: Final = re.compile(r"\baz\s+acr\s+login\b|\bConnect-AzContainerRegistry\b", re.IGNORECASE)
_PIPED: Final = re.compile(rf"\b(?:echo|printf)\s+(?:-n\s+)?{_VALUE}[^|\n]*\|[^|\n]*\blogin\b[^|\n]*--password-stdin")
_HERE: Final = re.compile(rf"\blogin\b[^|\n]*--password-stdin[^|\n]*<<<[ \t]*{_VALUE}")
_USER_OPTION: Final = re.compile(
    r"\b(?:curl|skopeo|oras|crane|buildah|podman|crictl|ctr|nerdctl)\b.*"
    rf"\s(?:-u|--user|--(?:\w+-)?creds)[ =][\"']?[\w$.{{}}-]+:{_VALUE}",
    re.DOTALL,
)
_HEADER: Final = re.compile(rf"\bauthorization[\"']?(?:\s*:\s*|\s+)[\"']?(?:basic|bearer)\s+{_VALUE}", re.IGNORECASE)
# The text after a host where tools keep passwords: netrc, npm and Helm, Jib, Maven, Nomad, containerd, k3s and skopeo.
_KEPT_BY_TOOLS: Final = re.compile(
    rf"(?:\s+login\s+\S+\s+password\s+|/[^\s:\"']{{0,200}}:_(?:authToken|auth|password)\s*=\s*"
    rf"|[^\s<]{{0,200}}</image>\s*<auth>(?:(?!</auth>).){{0,300}}?<password>"
    rf"|</id>(?:(?!</server>).){{0,300}}?<password>"
    rf"|[^\s\"']{{0,200}}[\"']\s*auth\s*\{{[^{{}}]{{0,300}}?\bpassword\s*=\s*"
    rf"|[\"']\.auth\][ \t]*\r?\n(?:[ \t]*\w+\s*=[^\n]*\n)*?[ \t]*(?:password|auth|identity_?token)\s*=\s*"
    rf"|[\"']\.header\][ \t]*\r?\n(?:[ \t]*\w+\s*=[^\n]*\n)*?[ \t]*[Aa]uthorization\s*=\s*\[?\s*"
    rf"|[\"']?:\s+(?:auth|credentials):[ \t]*\r?\n(?:[ \t]+\w+:[^\n]*\n)*?"
    rf"[ \t]+(?:password|auth|token|identity_?[tT]oken):\s*){_VALUE}",
    re.DOTALL,
)
# A key, what declares it as a variable passed over, and what comes between it and its value.
_DECLARED: Final = r"^[ \t]*(?:- )?(?:[A-Za-z-]+[ \t]+){0,3}[\"'<]?\$?(?:[\w-]+:(?=\w))?"
_ASSIGNED: Final = r"\\*[\"']?(?:\s*[:=]|>)[ \t]*"
_KEY: Final = re.compile(rf"{_DECLARED}(?P<key>[\w./-]+){_ASSIGNED}")
_SERVER_KEY: Final = re.compile(
    r"^(?!.*image_?(?:url|host|address)).*(?:registry|server|host|url|address|(?<![a-z])acr)", re.IGNORECASE
)
_PASSWORD_LINE: Final = re.compile(
    rf"{_DECLARED}(?P<key>[\w./-]*?{_KEY_END}){_ASSIGNED}{_VALUE}",
    re.IGNORECASE,
)
_SECRETS_NAME: Final = re.compile(
    rf"{_DECLARED}(?P<key>[\w./-]*?password_?secret_?(?:ref|name)){_ASSIGNED}(?P<value>\b\B)?", re.IGNORECASE
)
_PASSWORD_BESIDE: Final = re.compile(
    rf"(?<![\w.-])(?P<key>[\w.-]*?{_KEY_END}){_ASSIGNED}{_VALUE}",
    re.IGNORECASE,
)
# One of several assignments, attributes or elements on a line.
_SERVER_ON_LINE: Final = re.compile(
    r"(?:registry|server|host|url|address|endpoint|acr)[\w.]*[=>][\"']?(?:https?://)?\Z", re.IGNORECASE
)
_ASSIGNS: Final = re.compile("[=>]")  # in the last characters before it, or it cannot match
_LINE_OR_CALL: Final = re.compile(r"[(){}\n]")
_PASSWORD_ON_LINE: Final = re.compile(rf"(?<![\w.-])(?P<key>[\w.-]*?{_KEY_END})[=>]{_VALUE}", re.IGNORECASE)
# Settings as Azure and Kubernetes list them: a name, and its value in the next place.
_NEXT: Final = r"\\*[\"']?\s*,?\s*\\*[\"']?value\\*[\"']?\s*[:=]\s*"
_SERVER_SETTING: Final = re.compile(
    rf"(?:name|key)\\*[\"']?\s*[:=]\s*\\*[\"']?\w*(?:registry|server|host|url)\w*{_NEXT}\\*[\"']?(?:https?://)?\Z",
    re.IGNORECASE,
)
_PASSWORD_SETTING: Final = re.compile(
    rf"(?:name|key)\\*[\"']?\s*[:=]\s*\\*[\"']?(?P<key>\w*{_KEY_END}){_NEXT}{_VALUE}",
    re.IGNORECASE,
)
_OWN_PASSWORD: Final = re.compile(
    r"^(?:pass(?:word|wd)?|pwd|password_?secret_?(?:ref|name))$|acr|registry|docker|image", re.IGNORECASE
)
_WIDEST: Final = 400  # characters: how far apart they are in one object, or in neighbouring settings
_FARTHEST: Final = 7000  # characters: lines beside a host that are looked at
# A quick check for credentials near a place.
_SIGNS: Final = re.compile(
    r"pass|pwd|auth|token|secret|creds|login|\bregistry\s+set\b|//[^\s/@]*@|[\s\"'](?:-p|-u|--user)\b", re.IGNORECASE
)
_PASSWORDS: Final = re.compile(_KEY_END, re.IGNORECASE)


def credentials_beside(lines: Lines, span: Span, *, plain_host: bool, is_image: bool) -> str:
    """Return the note about credentials beside a host: CREDENTIALS, REFERS (they are elsewhere), or nothing."""
    if not lines.near(_SIGNS, span.start, _FARTHEST, _FARTHEST) and not lines.has(KUBERNETES_SECRET):
        return ""
    statement, command = (
        lines.text[slice(*found)] for found in (lines.statement(span.start), lines.command(span.start))
    )
    found = [
        _USER_INFO.search(lines.before(span.start)),
        _AFTER_AUTHS_KEY.match(lines.text, span.end),
        _KEPT_BY_TOOLS.match(lines.text, span.end),
        _PASSWORD_OPTION.search(command) if _LOGIN.search(command) else None,
        _SHORT_OPTION.search(command) if _SHORT_LOGIN.search(command) else None,
        _LISTED_OPTION.search(command) if _LOGIN.search(command) else None,
        _PIPED.search(statement),
        _HERE.search(command),
        _USER_OPTION.search(command),
        _HEADER.search(command),
    ]
    beside = list(_password_lines(lines, span.start)) if plain_host else []
    if plain_host and not is_image:
        if lines.near(_HEADER, span.start, _FARTHEST, _FARTHEST):
            found += [_HEADER.search(line) for line in siblings(lines, lines.number(span.start))]
        beside += _passwords_beside(lines.text, *span) if _has_password(lines, span.start) else ()
        beside += _own(_PASSWORD_BESIDE.finditer(secret_around(lines, span.start)))
    return _summary(lines, found, beside)


def credentials_of_name(lines: Lines, start: int) -> str:
    """Return the note about credentials beside a registry's bare name."""
    if not lines.near(_SIGNS, start, _FARTHEST, _FARTHEST):
        return ""
    command = lines.text[slice(*lines.command(start))]
    signs_in = bool(_NAMED_LOGIN.search(command))
    options = [_PASSWORD_OPTION.search(command), _SHORT_OPTION.search(command)] if signs_in else []
    return _summary(lines, options, list(_password_lines(lines, start)))


def _summary(lines: Lines, sure: Iterable[re.Match[str] | None], beside: list[re.Match[str]]) -> str:
    """Return the note for passwords: literal ones, and those that may be variables in code."""
    found = [match for match in sure if match]
    if any(match["value"] is not None for match in found) or any(_is_text(match["value"], lines) for match in beside):
        return CREDENTIALS
    return REFERS if beside or found else ""


def _is_text(value: str | None, lines: Lines) -> bool:
    """Return whether the beginning of a password is literal: in code, a bare word is a variable or a call."""
    return value is not None and (not lines.is_code or value.endswith(("'", '"')))


def _has_password(lines: Lines, position: int) -> bool:
    """Return whether a key of a password is near a position."""
    return lines.near(_PASSWORDS, position, _FARTHEST, _FARTHEST)


def _password_lines(lines: Lines, start: int) -> Iterator[re.Match[str]]:
    """Yield the passwords among the neighbours of a key such as `server:` or `REGISTRY_URL=`."""
    if not _has_password(lines, start):
        return
    number = lines.number(start)
    key = _KEY.match(lines.line(number))
    if key and _SERVER_KEY.search(key["key"]):
        matches = (_PASSWORD_LINE.match(line) or _SECRETS_NAME.match(line) for line in siblings(lines, number))
        yield from _own(match for match in matches if match)


def _passwords_beside(text: str, start: int, end: int) -> Iterator[re.Match[str]]:
    """Yield the passwords in an object or call of a host, `{server: …, password: …}`, on its line, and in settings."""
    head, tail = text[max(0, start - _WIDEST) : start], text[end : end + _WIDEST]
    for opening, closing in ("{}", "()"):
        if opening in head.rpartition(closing)[2] and closing in tail:
            inside = f"{head.rpartition(opening)[2]}\n{tail.partition(closing)[0]}"
            yield from _own(_PASSWORD_BESIDE.finditer(inside))
    if _ASSIGNS.search(head[-10:]) and _SERVER_ON_LINE.search(head):
        around = _LINE_OR_CALL.split(head)[-1] + _LINE_OR_CALL.split(tail)[0]
        yield from _own(_PASSWORD_ON_LINE.finditer(around))
    if "value" in head.lower() and _SERVER_SETTING.search(head):
        yield from _own(_PASSWORD_SETTING.finditer(f"{head}\n{tail}"))


def _own(passwords: Iterable[re.Match[str]]) -> Iterator[re.Match[str]]:
    """Yield those that are a registry's, by their keys, and not a database's."""
    return (one for one in passwords if _OWN_PASSWORD.search(one["key"]))
