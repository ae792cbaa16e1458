"""Identifiers of other systems that are spelt like the registry's host: they name something else, and stay.

`credentialsId: 'contoso.azurecr.io'` names an entry of Jenkins, `imagePullSecrets` a Secret of Kubernetes, a service
connection an object of Azure DevOps, and the namespace of an SBOM the document itself.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from acr_relocate.references.assignments import keys_of
from acr_relocate.references.enclosing_objects import key_above, keys_beside, object_around
from acr_relocate.references.hosts import Host
from acr_relocate.references.source_text import Lines

OTHER_SYSTEM: Final = (
    "names something else that is spelt like the host, such as credentials: it stays until that has another name"
)

_BEFORE: Final = 400  # characters

_KEY: Final = re.compile(
    r"(?:credentials?(?:ids?|names?|refs?)?|pullsecrets?(?:names?|refs?)?|secret(?:names?|refs?|keyref|id)"
    r"|existingsecret|dockerconfigsecret|serviceconnections?(?:names?|ids?)?|serviceendpoint(?:names?|ids?)"
    r"|azuresubscription(?:endpoint|name|id)?|connectedservice(?:name|namearm)?|registryids?|connectionids?|endpointids?|feeds?(?:id|name))\Z"
)
_NOT_A_KEY: Final = re.compile(r"cred(?:ential)?helpers?\Z")
# Recognised by position: a list or an object of secrets, arguments of calls and commands. What each begins with is
# looked for first: it is searched for before every host near a secret.
_PLACE: Final = re.compile(
    r"(?=[ipcwst<])(?:pull_?-?secrets?\\*[\"']?(?:\s*[:=]\s*|\s+|(?=[\[{]))[\[{(][^\])}]*"
    r"|\bimage-?pull-?secrets?(?:\[\d*\])?(?:\.name)?[ =]+"
    r"|image_pull_secrets\s*(?:=\s*)?\{[^{}]*\bname\s*=\s*"
    r"|\bcredentials\(\s*|\bwithRegistry\((?:[^()\n]|\([^()\n]*\))*,\s*"
    r"|\bcreate\s+secret\s+(?:docker-registry|generic|tls)\s+(?:--?\S+\s+)*"
    r"|\bsecrets?[ /]+(?:--?\S+\s+)*|\bpullsecret:[\w.-]+/"
    r"|\bservice-endpoint\b[^\n|;]*\s--(?:name|service-endpoint-name)[ =]+"
    r"|<(?:\w+\.)?credentials?Id>\s*|credentials?Id\s+|\btype=secret,(?:\S*,)?id=)\\*[\"']?(?:https?://)?\Z",
    re.IGNORECASE,
)
_SECRETS: Final = re.compile(
    r"(?:secrets?|pull-?_?secrets?|secret(?:key)?ref|secretgenerator|secretstores?)\Z", re.IGNORECASE
)
_NAME: Final = re.compile(
    r"[ \t]*(?:- )*\\*[\"']?(?P<key>name|secretName|id|endpoint|connection|containerRegistry|dockerRegistryEndpoint)\\*[\"']?\s*[:=]\s*[\"']?(?:https?://)?\Z",
    re.IGNORECASE,
)
_LISTED: Final = re.compile(r"[ \t]*- +[\"']?\Z")
_OF_PIPELINE: Final = re.compile(
    r"[ \t]*(?:- )?task:\s*[\"']?(?:Docker|AzureContainer|Container|Kubernetes|Helm)", re.IGNORECASE
)
_CONTAINER: Final = re.compile(r"[ \t]*(?:- )?(?:image|container|webhook|repository):")
_STORED: Final = re.compile(
    r"[ \t]*(?:- )?[\"']?(?:username|password|privateKey|scope|secret|description)[\"']?\s*[:=]"
)
# The namespace of an SBOM or of XML: an address that is only a name, whatever host is in it.
_NAMESPACE: Final = re.compile(
    r"(?:documentNamespace|spdxDocument|spdxId|externalDocumentRefs?|serialNumber|xmlns(?::\w+)?|targetNamespace|namespaceUri"
    r"|rdf:(?:about|resource))[\"']?\s*[:=>]\s*(?:[\"']|DocumentRef-\S+\s)?\s*[\w+.-]+:[^\s\"'<>]*\Z",
    re.IGNORECASE,
)
# Quick looks whether anything of these is near a host.
_PLACES: Final = re.compile(r"secret|credential|withRegistry|service-endpoint", re.IGNORECASE)
_NAMESPACES: Final = re.compile(
    r"namespace|spdx|externalDocumentRef|serialNumber|xmlns|rdf:(?:about|resource)", re.IGNORECASE
)
_ENDS: Final = re.compile(r"/?\\*[\"'`]?\s*(?:[,;)}\]<|&#]|--?\w|\Z|\r?\n|[\"'])")


def names_another(lines: Lines, host: Host) -> bool:
    """Return whether a host is not an address but the name of something else."""
    text, head = lines.text, lines.text[max(0, host.start - _BEFORE) : host.start]
    if lines.near(_NAMESPACES, host.start, _BEFORE) and _NAMESPACE.search(head):
        return True
    ends = text[host.end : host.end + 1]
    if not host.plain or not (_ENDS.match(text, host.end) or ends in {" ", "\t", ""}):
        return False
    if lines.near(_PLACES, host.start, _BEFORE) and _PLACE.search(head):
        return True
    return any(map(_is_key, keys_of(lines, _address(head, host.start)))) or _is_in_object(lines, host)


def _address(head: str, start: int) -> int:
    """Return where the address around a host begins."""
    scheme = re.search(r"https?://\Z", head)
    return start - len(scheme[0]) if scheme else start


def _is_key(key: str) -> bool:
    """Return whether a key names credentials, secrets or connections."""
    plain = re.sub(r"[^a-z0-9]", "", key.lower())
    return bool(_KEY.search(plain)) and not _NOT_A_KEY.search(plain)


def _is_in_object(lines: Lines, host: Host) -> bool:
    """Return whether the object around a host shows that it is the name of a secret or of a connection."""
    number = lines.number(host.start)
    head = lines.before(host.start)
    named = _NAME.fullmatch(head)
    if named or _LISTED.fullmatch(head):
        above = key_above(lines, number)
        if _SECRETS.search(above):
            return True
        if above == "metadata":
            return object_around(lines, host.start)[0] == "Secret"
    return named is not None and _is_of_pipeline(lines, number, named["key"].lower())


def _is_of_pipeline(lines: Lines, number: int, key: str) -> bool:
    """Return whether the object around a key is a step, a container or a credential of a pipeline."""
    rows = list(keys_beside(lines, number))
    if key in {"endpoint", "connection"}:
        return any(map(_CONTAINER.match, rows))
    if key == "id":
        return any(map(_STORED.match, rows))
    return key in {"containerregistry", "dockerregistryendpoint"} and any(
        map(_OF_PIPELINE.match, _above(lines, number))
    )


def _above(lines: Lines, number: int) -> Iterator[str]:
    """Yield the lines of the step with the inputs around a line."""
    column = len(lines.line(number)) - len(lines.line(number).lstrip())
    for above in range(number - 1, max(-1, number - 40), -1):
        row = lines.line(above)
        yield row
        if row.lstrip().startswith("- ") and len(row) - len(row.lstrip()) < column:
            return
