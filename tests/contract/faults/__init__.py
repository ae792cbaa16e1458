"""For each check that can be planted in the embedded Azure: exactly that wrong, and nothing else.

`FAULTS`: the code of the check -> how to plant it, and what cannot but be found along with it. Each topic registers its
own when it is imported.
"""

from tests.contract.faults import (
    children,
    consolidations,
    content,
    keys,
    limits,
    networks,
    replicas,
    rights,
    settings,
    target,
)
from tests.contract.faults.beforehand import SPOILT, spoil
from tests.contract.faults.planted import FAULTS

__all__ = [
    "FAULTS",
    "SPOILT",
    "children",
    "consolidations",
    "content",
    "keys",
    "limits",
    "networks",
    "replicas",
    "rights",
    "settings",
    "spoil",
    "target",
]
