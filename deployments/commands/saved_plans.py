"""Save a plan to a file, to be carried out later unchanged; and write its decisions as a request to complete."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import yaml

from acr_relocate.core.approval.decision import ApprovalForm, ApprovalSubject, Decision, TerminalAnswer
from acr_relocate.core.approval.subjects import deployment_of
from acr_relocate.core.checks.decision_defaults import decision_default
from acr_relocate.core.errors import InvalidRequest
from acr_relocate.core.findings import Finding
from acr_relocate.core.model import FrozenModel
from acr_relocate.core.plan.plan import Plan
from acr_relocate.core.request.approval_stage import Stage
from acr_relocate.core.request.relocation import RelocationRequest
from acr_relocate.files import result_files
from acr_relocate.files.regular_files import read_regular
from deployments.commands.operator_name import operator_name

_LARGEST: Final = 64_000_000  # bytes; a plan of 100,000 tags has a tenth of that
_WRITE_AGAIN: Final = "Write it again: acr-relocate plan REQUEST --out FILE"
MAPPINGS: Final = ("subnets", "replacements")
"""The fields of a request that answer decisions."""


class SavedPlan(FrozenModel):
    """The content of a plan file: the request, and all facts of the plan, by topic."""

    schema_version: int = 1
    plan_id: str
    saved_at: datetime
    request: RelocationRequest
    subject: ApprovalSubject


def save_plan(path: Path, plan: Plan) -> None:
    """Write the plan. Raises InvalidRequest if the file cannot be written."""
    saved = SavedPlan(
        plan_id=plan.plan_id, saved_at=datetime.now(UTC), request=plan.request, subject=deployment_of(plan)
    )
    _write(path, saved.model_dump_json(indent=2) + "\n")


def load_plan(path: Path) -> tuple[RelocationRequest, TerminalAnswer]:
    """Return the request of a saved plan, and the plan as an approval of exactly its facts.

    Raises InvalidRequest if the file is not a saved plan.
    """
    try:
        saved = SavedPlan.model_validate(json.loads(read_regular(path, str(path), _LARGEST)))
    except InvalidRequest as error:
        raise InvalidRequest(error.message, remedy=_WRITE_AGAIN) from None
    except ValueError:
        raise InvalidRequest(
            f"{path} is not a plan that `acr-relocate plan --out` has written.", remedy=_WRITE_AGAIN
        ) from None
    answer = ApprovalForm(decision=Decision.APPROVE, name=operator_name(), comment=f"with --plan {path.name}")
    given = TerminalAnswer(
        digest=saved.subject.digest, answer=answer, at=datetime.now(UTC), subject=saved.subject, saved_plan=True
    )
    stages = list(dict.fromkeys([*saved.request.approvals, Stage.BEFORE_DEPLOY]))
    return saved.request.model_copy(update={"approvals": stages}), given


def write_decisions(path: Path, plan: Plan) -> None:
    """Write the request with each subnet and replacement that a decision asks for. Raises InvalidRequest."""
    _write(path, decisions_text(plan))


def decisions_text(plan: Plan) -> str:
    """Return the request as YAML, with placeholders to fill in, and each other decision as a comment."""
    asked = request_as_data(plan.request)
    known = {field: asked.pop(field, {}) for field in MAPPINGS}
    parts = [f"# The request of plan {plan.plan_id}. Replace the WORDS-IN-CAPITALS, or delete their lines.\n"]
    parts.append(yaml.safe_dump(asked, sort_keys=False))
    parts += [part for field in MAPPINGS if (part := _mapping(field, known[field], plan.decisions))]
    others = [one for one in plan.decisions if _asked_for(one) is None]
    parts += [f"\n# Other decisions, taken elsewhere:\n{''.join(map(_comment, others))}"] if others else []
    return "".join(parts)


def request_as_data(request: RelocationRequest) -> dict[str, Any]:
    """Return the fields of a request that are not the defaults."""
    data: dict[str, Any] = request.model_dump(mode="json", exclude_defaults=True)
    return data


def _mapping(field: str, known: dict[str, str], decisions: tuple[Finding, ...]) -> str:
    asked = [(one, pair) for one in decisions if (pair := _asked_for(one)) and pair[0] == field]
    if not known and not asked:
        return ""
    lines = [f"{field}:\n", *(yaml.safe_dump({name: value}, width=10_000, indent=2) for name, value in known.items())]
    lines = [lines[0], *(f"  {line}" for line in lines[1:])]
    seen: set[str] = set()
    for finding, (_, name, placeholder) in asked:
        if name not in seen:
            seen.add(name)
            lines += [_comment(finding, "  "), f'  "{name}": "{placeholder}"\n']
    return "".join(lines)


def _asked_for(finding: Finding) -> tuple[str, str, str] | None:
    """Return the field, the name and the placeholder in a finding's remedy; None without one."""
    field, _, entry = finding.remedy.partition(":\n")
    name, _, placeholder = entry.strip().rpartition(": ")
    return (field, name, placeholder) if field in MAPPINGS and name and "\n" not in name else None


def _comment(finding: Finding, indent: str = "") -> str:
    said = [f"{finding.code}: {finding.message}", f"Default: {decision_default(finding)}."]
    remedy = finding.remedy if _asked_for(finding) is None else ""
    return "".join(f"{indent}# {line}\n" for text in (*said, remedy) for line in text.splitlines())


def _write(path: Path, text: str) -> None:
    try:
        result_files.write_result(path, text)
    except OSError as error:
        raise InvalidRequest(f"{path} cannot be written: {error.strerror}") from None
