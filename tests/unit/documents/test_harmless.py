"""Text of others is shown as text: in a terminal, in Markdown, in HTML and in a picture."""

import re
import shlex

import pytest
from hypothesis import given
from hypothesis import strategies as st

from acr_relocate.core.dependencies.context import quoted
from acr_relocate.core.documents.document import Advice as Note
from acr_relocate.core.documents.document import AdviceList, BulletList, Cell, Code, Document, Section, Table, Text
from acr_relocate.core.documents.html import to_html
from acr_relocate.core.documents.markdown import to_markdown
from acr_relocate.core.documents.markdown_parts import fenced, plain
from acr_relocate.core.errors import NotFound
from acr_relocate.core.wording import comment, visible

EVIL = "<script>alert(1)</script> \x1b]0;owned\x07\x1b[2J [x](javascript:alert(2)) <img src=x> `z` | w\n\n# Done\n"


def document(text: str) -> Document:
    """The text at every place of a document."""
    table = Table((text, text), ((text, Cell(text, text)),))
    blocks = (Text(text), BulletList((text,)), table, Code(text, title=text), AdviceList((Note("note", text, text),)))
    return Document(text, "plain", (Text(text),), (Section(text, blocks),), text, ((text, text),))


def is_harmless(shown: str) -> bool:
    return not any(visible(sign) != sign for sign in shown)


@pytest.mark.parametrize("sign", ["\x00", "\x07", "\x08", "\x1b", "\r", "\x7f", "\x9b", "\u202e", "\u2066", "\ud800"])
def test_a_control_character_is_written_out(sign: str) -> None:
    """It is seen, and does nothing."""
    assert visible(f"a{sign}b").isascii()
    assert visible(f"a{sign}b").startswith("a\\")


@given(st.text(max_size=40) | st.just(EVIL))
def test_a_word_of_a_command_is_the_same_word_and_no_tag(text: str) -> None:
    """Pasted it names the thing; a block of code that is shown as HTML is still no picture."""
    word = quoted(f"a{text}")

    assert shlex.split(word) == [f"a{text}"]
    assert not re.search(r"<[A-Za-z/!?]", word + comment(text))


@given(st.text(alphabet=st.characters(), max_size=40))
def test_what_was_made_visible_stays_as_it_is(text: str) -> None:
    """A second pass changes nothing, for any text; letters of any script are left alone."""
    assert visible(visible(text)) == visible(text)
    assert visible("Größe 東京 🙂\tx\n") == "Größe 東京 🙂\tx\n"


def test_a_document_holds_no_markup_of_others() -> None:
    """Neither tags nor links nor headings nor control characters, wherever the text stands."""
    markdown, page = to_markdown(document(EVIL)), to_html(document(EVIL))
    outside = "".join(part for number, part in enumerate(markdown.split("```")) if not number % 2)

    assert is_harmless(markdown)
    assert is_harmless(page)
    assert "<script" not in outside
    assert "<img" not in outside
    assert "](javascript" not in outside
    assert "\n# Done" not in outside
    assert "<script" not in page
    assert "<img" not in page


@pytest.mark.parametrize("text", ["a < b, `x<y`", "1 of 2 (see `docs`)", "5 * 3 = 15", "a-b_c", "- [x] no", "Größe"])
def test_plain_text_reads_as_it_was_written(text: str) -> None:
    """Our own words need no escapes, apart from those at the beginning of a line."""
    assert plain(text).removeprefix("\\") == text


def test_code_cannot_end_its_own_block() -> None:
    """The fence is longer than any that it holds."""
    assert fenced("a\n```\nb").splitlines()[0] == "````"


def test_an_error_shows_no_control_character() -> None:
    """Its resource and its remedy come from Azure and from files."""
    assert is_harmless(str(NotFound(EVIL, resource=EVIL, code=EVIL, remedy=EVIL, correlation_id=EVIL)))
