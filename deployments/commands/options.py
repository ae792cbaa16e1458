"""The options of every command with a result: amount and format of the output, and logging."""

import inspect
import logging
import os
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from functools import wraps
from typing import Annotated, Any, Final

import typer


class Form(StrEnum):
    """The format of a printed result."""

    TEXT = "text"
    JSON = "json"
    MARKDOWN = "markdown"


class Data(StrEnum):
    """The format of printed facts that are no document."""

    TEXT = "text"
    JSON = "json"


class LogLevel(StrEnum):
    """The level of the log file and, with --verbose, of the terminal."""

    DEBUG = "debug"
    INFO = "info"
    WARNING = "warning"
    ERROR = "error"


@dataclass(frozen=True)
class Display:
    """How to show a result. `full`: the whole report before its summary. `quiet`: the verdict alone."""

    form: Form = Form.TEXT
    full: bool = False
    quiet: bool = False
    verbose: bool = False
    no_color: bool = False
    log_level: int = logging.WARNING

    @property
    def as_json(self) -> bool:
        """Return whether standard output is JSON only."""
        return self.form is Form.JSON


_current: Display = Display()


def display() -> Display:
    """Return the display options of the running command."""
    return _current


def _option(*names: str, **more: Any) -> Any:
    """Return an option in a panel of its own: the help of a command begins with the command's own options."""
    return typer.Option(*names, rich_help_panel="Output", **more)


_OPTIONS: Final[dict[str, Any]] = {
    "output": Annotated[
        Form, _option("--output", "-o", metavar="FORM", help="Print the result as text, json or markdown.")
    ],
    "data": Annotated[Data, _option("--output", "-o", metavar="FORM", help="Print the result as text or json.")],
    "as_json": Annotated[bool, _option("--json", help="The same as --output json.")],
    "full": Annotated[bool, _option("--full", help="Print the whole report, then its summary.")],
    "quiet": Annotated[bool, _option("--quiet", "-q", help="Print the verdict and nothing else.")],
    "verbose": Annotated[bool, _option("--verbose", "-v", help="Also print the log to the standard error.")],
    "debug": Annotated[bool, _option("--debug", help="The same as --verbose --log-level debug.")],
    "log_level": Annotated[
        LogLevel, _option("--log-level", metavar="LEVEL", help="Log debug, info, warning or error.")
    ],
    "no_color": Annotated[bool, _option("--no-color", help="Print without colours; NO_COLOR=1 does the same.")],
}
_DEFAULTS: Final[dict[str, Any]] = {"output": Form.TEXT, "log_level": LogLevel.WARNING}


def shows(*names: str) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Add these options of this module to a command; `display()` returns their values.

    A command offers only the options that have an effect on its output. `data` is --output without markdown.
    """
    parameters = {("output" if name == "data" else name): _OPTIONS[name] for name in names}

    def added(command: Callable[..., None]) -> Callable[..., None]:
        @wraps(command)
        def wrapped(*args: Any, **kwargs: Any) -> None:
            global _current  # noqa: PLW0603 - one command runs in a process
            _current = _display(**{name: kwargs.pop(name) for name in parameters})
            command(*args, **kwargs)

        signature = inspect.signature(command)
        more = [
            inspect.Parameter(
                name, inspect.Parameter.KEYWORD_ONLY, default=_DEFAULTS.get(name, False), annotation=annotation
            )
            for name, annotation in parameters.items()
        ]
        wrapped.__signature__ = signature.replace(parameters=[*signature.parameters.values(), *more])  # type: ignore[attr-defined] # unknown to the type of a function
        wrapped.__annotations__ = {**command.__annotations__, **parameters}
        return wrapped

    return added


shows_result: Final = shows("output", "as_json", "full", "quiet", "verbose", "debug", "log_level", "no_color")
"""Add all options, to a command that runs a flow and shows its report."""


def _display(  # noqa: PLR0913 - one parameter for each option
    *,
    output: Form | Data = Form.TEXT,
    as_json: bool = False,
    full: bool = False,
    quiet: bool = False,
    verbose: bool = False,
    debug: bool = False,
    log_level: LogLevel = LogLevel.WARNING,
    no_color: bool = False,
) -> Display:
    if no_color:
        os.environ["NO_COLOR"] = "1"
    level = "DEBUG" if debug else log_level.upper()
    return Display(
        form=Form.JSON if as_json else Form(output),
        full=full,
        quiet=quiet,
        verbose=verbose or debug,
        no_color=no_color,
        log_level=logging.getLevelNamesMapping()[level],
    )
