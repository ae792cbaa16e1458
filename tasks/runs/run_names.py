"""The name of a run: what it does to which registries, and the name that a person typed.

Prefect replaces the name that was typed in the form or sent by the API, such as a change number.
"""

from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Final

import coolname
from coolname.loader import load_config
from prefect.runtime import flow_run

from acr_relocate.core.wording import visible

LONGEST_TYPED: Final = 60

_FORM_ADJECTIVES: Final = {
    "Awesome", "Rustic", "Small", "Gorgeous", "Fantastic", "Sleek", "Intelligent", "Unbranded", "Refined", "Licensed",
    "Generic", "Practical", "Ergonomic", "Handcrafted", "Tasty", "Handmade", "Incredible",
}  # fmt: skip
"""The first words of the names that the form of Prefect's UI fills in; an animal of a few letters follows."""

_FORM_ANIMAL_LETTERS: Final = 6


def keep_typed_name(pattern: str) -> Callable[[], str]:
    """Return a namer for a flow: the pattern with the run's parameters, then the typed name in brackets."""

    def name() -> str:
        return named(pattern.format(**flow_run.parameters), str(flow_run.name or ""))

    return name


def named(said: str, present: str) -> str:
    """Return the name of a run from what it does and its present name, which may be generated, typed or ours."""
    if present.startswith(said):  # it goes on, after a suspension or as a retry
        return present
    typed = shortened(present)
    return said if not typed or _is_generated(typed) else f"{said} ({typed})"


def shortened(typed: str) -> str:
    """Return a typed name as it stands in the name of a run."""
    return " ".join(visible(typed).split())[:LONGEST_TYPED]


def _is_generated(name: str) -> bool:
    """Return whether Prefect's server (`chirpy-lion`) or form (`Ergonomic-Olingo`) made the name up.

    `friday-night` was typed.
    """
    words = name.split("-")
    if len(words) != 2:
        return False
    of_form = words[0] in _FORM_ADJECTIVES and len(words[1]) <= _FORM_ANIMAL_LETTERS
    return of_form or (words[0].isalpha() and words[1] in _made_up_subjects())


@cache
def _made_up_subjects() -> frozenset[str]:
    """Return the last words of the names that Prefect makes up. The first ones change more between its versions."""
    lists = load_config(Path(coolname.__file__).parent / "data")
    words = [each["words"] for name, each in lists.items() if name.startswith("animal")]
    return frozenset(word for some in words if isinstance(some, list) for word in some if isinstance(word, str))
