"""Resources that this process has created in Azure: a 404 for one comes from a front end that lags, not from absence.

Azure Resource Manager answers 404 for some seconds after it has created a group or a resource
(hashicorp/terraform-provider-azurerm#18268, #25758).
"""

from __future__ import annotations

import re
import time
from typing import Final

from acr_relocate.core.errors import NotFound, RelocationError
from acr_relocate.core.registry.resource_ids import ResourceId

# Seconds between two attempts, a minute and a half in all.
NOT_YET_WAITS: Final = (0.5, 1.0, 2.0, 4.0, 8.0, 10.0, 15.0, 20.0, 30.0)
# Seconds after which a creation is visible everywhere.
NEW_FOR: Final = 15 * 60.0

_OF_THE_GROUP: Final = "resourcegroupnotfound"
_OF_THE_PARENT: Final = "parentresourcenotfound"


class Made:
    """The ids of resources and groups that were created here, and when."""

    def __init__(self) -> None:
        self._moments: dict[str, float] = {}
        self._seen: set[str] = set()

    def note(self, resource_id: str) -> None:
        """Remember that the resource and its group exist."""
        self._moments[_key(resource_id)] = time.monotonic()

    def note_seen(self, group_id: str) -> None:
        """Remember that Azure has shown the group: a 404 for it lags behind."""
        self._seen.add(_key(group_id))

    def forget(self, resource_id: str) -> None:
        """Forget the resource and its children: it has been deleted."""
        gone = _key(resource_id)
        self._seen.discard(gone)
        self._moments = {
            key: moment for key, moment in self._moments.items() if key != gone and not key.startswith(f"{gone}/")
        }

    def hides(self, method: str, path: str, error: RelocationError) -> bool:
        """Return whether the answer to a call to `path` denies the existence of something just created.

        Children may well be absent: a 404 for a child is believed. So is a 404 for a deletion.
        """
        if not isinstance(error, NotFound) or method == "DELETE":
            return False
        key, code = _key(path), error.code.lower()
        if code == _OF_THE_GROUP:
            group = "/".join(key.split("/")[:5])
            return self._is_new(group) or self._has_new_in(group) or (key != group and group in self._seen)
        if code == _OF_THE_PARENT:
            return self._is_new(_parent(key, 2))
        if method == "POST":  # an action may also miss a resource that its body names
            owner = _parent(key, 1)
            return self._is_new(owner) and _names(error.message, ResourceId(owner).name)
        return self._is_new(key)

    def _is_new(self, key: str) -> bool:
        return time.monotonic() - self._moments.get(key, -NEW_FOR) < NEW_FOR

    def _has_new_in(self, group: str) -> bool:
        return any(key.startswith(f"{group}/") and self._is_new(key) for key in self._moments)


def _key(resource_id: str) -> str:
    return "/" + resource_id.strip("/").lower()


def _parent(key: str, parts: int) -> str:
    """Return the parent of a child (two parts: type and name) or of an action (one word)."""
    return key.rsplit("/", parts)[0]


def _names(message: str, name: str) -> bool:
    return re.search(rf"(?<![\w-]){re.escape(name)}(?![\w-])", message, re.IGNORECASE) is not None
