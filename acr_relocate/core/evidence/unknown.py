"""A fact that could not be read, with the reason."""

from typing import Final

from acr_relocate.core.model import FrozenModel


class Unknown(FrozenModel):
    """Could not be read, and why. Says nothing about whether it is there.

    `what` names it in a sentence, `code` the kind of error. `action` and `scope` say which permission is missing, as
    Azure itself put it, if that is why. `asked` is False where nobody wanted to know: then there is nothing to say.
    """

    reason: str
    what: str = ""
    code: str = ""
    action: str = ""
    scope: str = ""
    asked: bool = True


UNREGISTERED: Final = "MissingSubscriptionRegistration"
"""The code of what Azure does not tell because the provider is not registered. Only a person can change that."""


NOT_ASKED: Final = Unknown(reason="not asked", asked=False)
