"""Comments in scripts: text of others stays in the comment."""

from acr_relocate.core.wording import comment


def test_a_name_with_a_line_break_is_no_command() -> None:
    """A resource or a person's text with a new line would run what follows it."""
    assert comment("task x\nrm -rf /: on\r\nroot") == "# task x rm -rf /: on root"
