"""The stages of a relocation that can ask for an approval."""

from enum import StrEnum


class Stage(StrEnum):
    """Where a relocation waits for a person."""

    BEFORE_DEPLOY = "before_deploy"
    BEFORE_CUT_OVER = "before_cut_over"
    BEFORE_DELETE = "before_delete"

    @property
    def words(self) -> str:
        """The stage as people read it."""
        return self.value.replace("_", " ")
