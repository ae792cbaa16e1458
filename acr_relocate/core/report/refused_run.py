"""The report of a run that was refused before it began: the reason, and the remedy."""

from __future__ import annotations

from collections.abc import Mapping

from acr_relocate.core.errors import Failure, InvalidRequest
from acr_relocate.core.report.report import Report, failed_verdict
from acr_relocate.core.request.relocation import parse_request


def refused_run_report(flow: str, parameters: Mapping[str, object], error: Exception, at: str) -> Report:
    """Return a report of the failure, with the registries as far as they were named.

    `parameters` are those of the run, as JSON, valid or not; `at` is the moment, in ISO 8601.
    """
    request = parameters.get("request", parameters)
    named = request if isinstance(request, Mapping) else {}
    return Report(
        flow=flow,
        plan_id="",
        embedded=False,
        verdict=failed_verdict(flow),
        source_id=_name(named.get("source")),
        target_id=_name(named.get("target")),
        failures=(Failure.of(_explained(parameters, error)),),
        started_at=at,
        ended_at=at,
    )


def _explained(parameters: Mapping[str, object], error: Exception) -> Exception:
    """Replace Prefect's message about invalid parameters, which names our classes, by one that names the fields."""
    if "request" in parameters:
        try:
            parse_request(parameters["request"])
        except InvalidRequest as explained:
            return explained
    return error


def _name(registry: object) -> str:
    named = registry.get("name") if isinstance(registry, Mapping) else registry
    return str(named or "")
