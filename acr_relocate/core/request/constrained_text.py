"""A text constrained by a pattern, refused in words: in the run form, by the API and in a request file alike."""

from dataclasses import dataclass
from re import fullmatch
from typing import Any

from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler
from pydantic_core import CoreSchema, PydanticCustomError, core_schema


@dataclass(frozen=True)
class ConstrainedText:
    """Annotates a text that must match the pattern as a whole; `words` describe a valid one, with an article.

    JSON Schema has no messages of its own, and Prefect shows those of `jsonschema`: for a `pattern` the bare regular
    expression, for a `const` that it "was expected". So the schema compares an invalid text with the words.
    """

    pattern: str
    words: str

    def __get_pydantic_core_schema__(self, source: type[str], handler: GetCoreSchemaHandler) -> CoreSchema:
        """Return the schema of a text, followed by its validation."""
        return core_schema.no_info_after_validator_function(self._matching, handler(source))

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        """Return the schema of a text that matches the pattern, or else should have been the words."""
        return handler(schema) | {"if": {"pattern": f"^({self.pattern})$"}, "else": {"const": self.words}}

    def _matching(self, text: str) -> str:
        if not fullmatch(self.pattern, text):
            raise PydanticCustomError("worded", "not {words}", {"words": self.words})
        return text
