"""The differences between the target's template and Azure's export, for a person to read."""

from __future__ import annotations

import difflib
import json
from collections.abc import Iterable, Mapping
from typing import Any

from acr_relocate.core.registry.inventory import Registry
from acr_relocate.core.request.relocation import RelocationRequest
from acr_relocate.core.target.exported_template import last_name


def canonical(template: Mapping[str, Any]) -> str:
    """Return the template as canonical text: keys sorted, resources by type and name."""
    resources = sorted(template.get("resources", ()), key=lambda one: (one["type"].lower(), last_name(one["name"])))
    return json.dumps({**template, "resources": resources}, indent=2, sort_keys=True, ensure_ascii=False) + "\n"


def template_difference(exported: Mapping[str, Any], made: Mapping[str, Any], source: str, target: str) -> str:
    """Return the unified diff from the exported template of `source` to the generated one for `target`."""
    lines = difflib.unified_diff(
        canonical(exported).splitlines(keepends=True),
        canonical(made).splitlines(keepends=True),
        f"{source}.exported.json",
        f"{target}.json",
    )
    return "".join(lines)


def diff_for_display(
    exported: Mapping[str, Any],
    problems: Iterable[str],
    made: Mapping[str, Any],
    source: Registry,
    request: RelocationRequest,
) -> str:
    """Return the diff for a person, after the list of parts that Azure could not export."""
    comments = "".join(f"# not exported: {problem}\n" for problem in problems)
    return comments + template_difference(exported, made, source.name, request.target.name)


def template_markdown(template: Mapping[str, Any], difference: str) -> str:
    """Return the target's template to be copied, and below it how it differs from what Azure exports."""
    return (
        f"## Template\n\n```json\n{canonical(template)}```\n\n"
        f"## Difference from the source's export\n\n```diff\n{difference}\n```\n"
    )
