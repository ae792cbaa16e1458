"""Compare a source with a target, at any time. No difference means relocated."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Literal

from acr_relocate.core.inventory import Content, Registry
from acr_relocate.core.model import Frozen
from acr_relocate.core.request import RelocationRequest, Selection

DifferenceKind = Literal["repository", "tag", "manifest", "child", "referrer", "attributes", "setting", "extra"]


class Difference(Frozen):
    """One thing that is not the same. `subject` is a tag, a digest or a setting; `source` and `target` what each says."""

    kind: DifferenceKind
    repository: str
    subject: str
    source: str
    target: str
    message: str


def compare(source: Content, target: Content, selection: Selection) -> tuple[Difference, ...]:
    """Every difference in the selected content, in a stable order."""
    raise NotImplementedError


def compare_settings(
    source: Registry, target: Registry, request: RelocationRequest, held_back: dict[str, Any]
) -> tuple[Difference, ...]:
    """Every difference in settings and children that the relocation did not announce."""
    raise NotImplementedError


def unclean(differences: Iterable[Difference], *, strict: bool = False) -> tuple[Difference, ...]:
    """The differences that count: all, but what the target has beyond the source counts only if `strict`."""
    return tuple(difference for difference in differences if strict or difference.kind != "extra")
