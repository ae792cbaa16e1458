"""One write of Azure Resource Manager that a switch makes."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal


@dataclass(frozen=True)
class SwitchWrite:
    """A write, computed when it is sent. Its body may have secret settings, so no text shows it.

    `replaces_container`: it starts a container, so the health is looked at before and after.
    """

    method: Literal["PUT", "PATCH", "POST"]
    path: str
    api_version: str
    body: dict[str, Any] = field(default_factory=dict, repr=False)
    replaces_container: bool = True
