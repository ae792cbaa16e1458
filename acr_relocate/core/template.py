"""From the source's settings and exported template to a template that deploys the target."""

from __future__ import annotations

from typing import Any

from pydantic import Field

from acr_relocate.core.findings import Finding
from acr_relocate.core.inventory import Registry
from acr_relocate.core.model import Frozen
from acr_relocate.core.request import RelocationRequest

PLAN_TAG = "acr-relocate-plan"
SOURCE_TAG = "acr-relocate-source"


class TargetTemplate(Frozen):
    """A template for the target registry.

    `webhooks`: the secure parameter of each webhook's serviceUri -> the source webhook to fetch it from when deploying
    (getCallbackConfig); the value is in no template, plan or state.
    `held_back`: registry properties to set only after the content is verified, such as the retention policy.
    `notes`: what was changed or left out, so that nothing is lost silently.
    """

    template: dict[str, Any]
    webhooks: dict[str, str] = Field(default_factory=dict)
    held_back: dict[str, Any] = Field(default_factory=dict)
    notes: tuple[Finding, ...] = ()


def rewrite(exported: dict[str, Any] | None, source: Registry, request: RelocationRequest) -> TargetTemplate:
    """Return the target's template.

    `exported` is the `template` of exportTemplate's answer, or None where there is none.
    """
    raise NotImplementedError
