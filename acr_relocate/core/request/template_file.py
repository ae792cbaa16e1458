"""An edited template: the part of the request that names it."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, model_validator

from acr_relocate.core.model import FormModel
from acr_relocate.core.request.constrained_text import ConstrainedText


class TemplateFile(FormModel):
    """A manually edited template, by its path and its content."""

    path: str = Field(
        default="",
        title="File",
        description="The file's path on the worker. Empty: the template is generated from the source.",
    )
    sha256: Annotated[str, ConstrainedText("([0-9a-f]{64})?", "a SHA-256 in 64 hexadecimal digits")] = Field(
        default="",
        title="SHA-256",
        description="The file's SHA-256 in hexadecimal digits; the command line fills it in.",
    )

    @model_validator(mode="after")
    def _is_identified(self) -> TemplateFile:
        if bool(self.path) != bool(self.sha256):
            raise ValueError("template: needs both path and sha256; acr-relocate --template FILE fills in both")
        return self
