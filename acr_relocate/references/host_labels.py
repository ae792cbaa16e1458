"""First labels of the registry's hosts without the rest, which code or a DNS zone adds."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Final, NamedTuple

from acr_relocate.references.model import Rename, recase

IN_A_ZONE: Final = "a record of a DNS zone: Azure writes those of the new registry where its endpoint has a zone group"
OTHER_SUFFIX: Final = "the suffix is added to it, and the new registry has another one"

# Code that adds the suffix to a host's first label: a function or a template of any cloud, or a literal.
SUFFIX_FOLLOWS: Final = re.compile(
    r"(?:\$\{environment\(\)\.suffixes\.acrLoginServer\}|(?:\\{0,4}\.|\[\.\])azurecr(?:\\{0,4}\.|\[\.\])[$<{%(*\[]"
    r"|[\"']\s*[,+.&]\s*[\"']\.azurecr\.(?P<cloud>[a-z]+))",
    re.IGNORECASE,
)
_HEAD: Final = r"(?<![\w.@\\$~-]){head}(?![\w-])"
_RECORD: Final = r"(?<![\w.-])(?P<name>{name})\.(?P<region>[a-z0-9]+)\.(?:data|geo)(?![\w.-])"


class Name(NamedTuple):
    """A bare name, or a resource group beside it, in a text."""

    start: int
    end: int
    sure: bool
    replacement: str | None
    note: str = ""


def find_first_labels(text: str, rename: Rename, is_taken: Callable[[int], bool]) -> Iterator[Name]:
    """Yield the first label of the host where the text itself adds the registry's suffix to it."""
    if not rename.names[0]:
        return
    (old, _, suffix), (new, _, new_suffix) = rename.source.partition("."), rename.target.partition(".")
    for match in re.finditer(_HEAD.format(head=re.escape(old)), text, re.IGNORECASE):
        added = SUFFIX_FOLLOWS.match(text, match.end())
        if (
            not added
            or is_taken(match.start())
            or (added["cloud"] and not suffix.endswith(f".{added['cloud'].lower()}"))
        ):
            continue
        sure = not added["cloud"] or suffix == new_suffix
        yield Name(*match.span(), sure, recase(match[0], old, new) if sure else None, "" if sure else OTHER_SUFFIX)


def find_records(text: str, rename: Rename, is_taken: Callable[[int], bool]) -> Iterator[Name]:
    """Yield the names of data endpoints within a DNS zone: `contoso.westeurope.data`. A person has to check them."""
    old, new = (host.partition(".")[0] for host in (rename.source, rename.target))
    for match in re.finditer(_RECORD.format(name=re.escape(old)), text, re.IGNORECASE) if rename.names[0] else ():
        if is_taken(match.start()):
            continue
        region = match["region"]
        is_home = region.lower() == rename.source_region
        there = recase(region, rename.source_region, rename.target_region) if is_home else region
        renamed = f"{recase(match['name'], old, new)}.{there}{match[0][match.end('region') - match.start() :]}"
        yield Name(*match.span(), sure=False, replacement=renamed if rename.source_region else None, note=IN_A_ZONE)
