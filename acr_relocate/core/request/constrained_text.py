"""A text by a pattern, refused in words: at the field of the run form, by the API and in a request file alike."""

from dataclasses import dataclass
from re import fullmatch
from typing import Any

from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler
from pydantic_core import CoreSchema, PydanticCustomError, core_schema


@dataclass(frozen=True)
class ConstrainedText:
    """Annotates a text that matches the pattern as a whole; `words` say what it is, with an article.

    JSON Schema has no messages of its own, and Prefect shows what `jsonschema` says: of a `pattern` the bare regular
    expression, of a `const` that it "was expected". So what does not match is held against the words.
    """

    pattern: str
    words: str

    def __get_pydantic_core_schema__(self, source: type[str], handler: GetCoreSchemaHandler) -> CoreSchema:
        """Return the schema of a text, followed by the look at it."""
        return core_schema.no_info_after_validator_function(self._matching, handler(source))

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        """Return the schema of a text that is like the pattern, or else should have been what the words say."""
        return handler(schema) | {"if": {"pattern": f"^({self.pattern})$"}, "else": {"const": self.words}}

    def _matching(self, text: str) -> str:
        if not fullmatch(self.pattern, text):
            raise PydanticCustomError("worded", "not {words}", {"words": self.words})
        return text
