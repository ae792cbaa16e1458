"""The images that an import did not bring, as data for a further import: `acr-relocate sync REQUEST --only FILE`."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Literal

from acr_relocate.core.content.import_outcome import ImportOutcome
from acr_relocate.core.content.import_plan import ImportPlan
from acr_relocate.core.errors import InvalidRequest
from acr_relocate.core.model import FrozenModel
from acr_relocate.core.registry.image_references import parse_reference


class MissingImage(FrozenModel):
    """An image that did not arrive: by host, repository and digest, the tags that it lacks, and why.

    `failed`: its import failed. `conflict`: the target has another digest there. `blocked`: it is broken at the
    source. `retryable`: a retry may succeed.
    """

    image: str
    tags: tuple[str, ...] = ()
    kind: Literal["failed", "conflict", "blocked"] = "failed"
    code: str = ""
    message: str = ""
    remedy: str = ""
    retryable: bool = False


def images_left_behind(plan: ImportPlan, outcomes: Iterable[ImportOutcome]) -> tuple[MissingImage, ...]:
    """Return all wanted images that did not arrive."""
    failed = (
        MissingImage(
            image=f"{plan.login_server}/{outcome.item.source_image}",
            tags=outcome.item.tags,
            **outcome.failure.model_dump(include={"code", "message", "remedy", "retryable"}),
        )
        for outcome in outcomes
        if outcome.failure
    )
    conflicts = (
        MissingImage(
            image=f"{plan.login_server}/{conflict.repository}@{conflict.source_digest}",
            tags=(conflict.tag,),
            kind="conflict",
            code="TagConflict",
            message=f"{conflict.repository}:{conflict.tag} is {conflict.target_digest} at the target.",
            remedy="Set force in the request to move it, or delete it at the target.",
        )
        for conflict in plan.conflicts
    )
    blocked = (
        MissingImage(
            image=f"{plan.login_server}/{block.label}",
            tags=block.tags,
            kind="blocked",
            code="BrokenAtSource",
            message=block.reason,
            remedy=block.remedy,
        )
        for block in plan.blocked
        if block.digest
    )
    return (*failed, *conflicts, *blocked)


def read_images(text: str, name: str) -> list[str]:
    """Return the images in a file: such a list, a report with one, a JSON list of names, or names between blanks.

    A # begins a comment. Raises InvalidRequest, which names the file, for anything else.
    """
    images = _from_json(text, name) if text.lstrip()[:1] in {"{", "["} else _from_lines(text)
    for image in images:
        try:
            parse_reference(image)
        except ValueError as error:
            raise InvalidRequest(f"{name}: {error}") from None
    return list(dict.fromkeys(images))


def _from_lines(text: str) -> list[str]:
    return [word for line in text.splitlines() for word in line.partition("#")[0].split()]


def _from_json(text: str, name: str) -> list[str]:
    try:
        data = json.loads(text)
    except ValueError as error:
        raise InvalidRequest(f"{name} is not JSON: {error}") from None
    entries = data.get("left_behind") if isinstance(data, dict) else data
    images = [entry.get("image") if isinstance(entry, dict) else entry for entry in entries or ()]
    if entries is None or not all(isinstance(image, str) for image in images):
        raise InvalidRequest(f"{name} is no list of images: it needs left_behind, with an image in each entry")
    return [str(image) for image in images]
