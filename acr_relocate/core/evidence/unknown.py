"""A fact that could not be read, with the reason."""

from typing import Final

from acr_relocate.core.model import FrozenModel


class Unknown(FrozenModel):
    """A fact that could not be read, and why. Says nothing about its existence.

    `what` names it in a sentence, `code` the kind of error. `action` and `scope` give the missing permission in Azure's
    own words, if that is why. `asked` is False if it was not requested: then there is nothing to report.
    """

    reason: str
    what: str = ""
    code: str = ""
    action: str = ""
    scope: str = ""
    asked: bool = True


UNREGISTERED: Final = "MissingSubscriptionRegistration"
"""The code for facts that Azure hides because the provider is not registered. Only a person can change that."""


NOT_ASKED: Final = Unknown(reason="not asked", asked=False)
