"""The stages of a relocation that can ask for an approval."""

from enum import StrEnum


class Stage(StrEnum):
    """A point at which a relocation waits for a person."""

    BEFORE_DEPLOY = "before_deploy"
    BEFORE_CUT_OVER = "before_cut_over"
    BEFORE_DELETE = "before_delete"
    BEFORE_REHEARSAL = "before_rehearsal"

    @property
    def words(self) -> str:
        """Return the stage in words."""
        return self.value.replace("_", " ")
