"""Who agreed to what: the record of an approval, as the report keeps it."""

from __future__ import annotations

from acr_relocate.core.model import Frozen


class Approval(Frozen):
    """A person's answer to one question of a run. `at` is a moment in ISO 8601; `plan_id` is what was looked at."""

    gate: str
    by: str
    at: str
    plan_id: str
    note: str = ""
