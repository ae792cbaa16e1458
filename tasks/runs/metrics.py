"""Metrics of runs by OpenTelemetry: imports, bytes, throttled calls, phases, differences.

Off unless the extra `metrics` is installed and the environment names where they go, as OpenTelemetry has it:
OTEL_EXPORTER_OTLP_ENDPOINT or OTEL_EXPORTER_OTLP_METRICS_ENDPOINT. Rates are for the reader to compute.
"""

import asyncio
import logging
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib.metadata import version
from typing import Final

from opentelemetry import metrics

from acr_relocate.core.content.import_outcome import ImportOutcome
from acr_relocate.core.report.report import PhaseResult
from acr_relocate.core.request.relocation import RelocationRequest

_ENDPOINTS: Final = ("OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_METRICS_ENDPOINT")
_FLUSH_MILLISECONDS: Final = 5_000
"""A collector that does not answer holds a run up for no longer at its end."""

_METER: Final = metrics.get_meter("acr_relocate", version("acr-relocate"))
_IMPORTS: Final = _METER.create_counter("acr_relocate.imports", "{import}", "Imports that have ended, by outcome")
_BYTES: Final = _METER.create_counter("acr_relocate.imported", "By", "At most so many bytes were copied")
_THROTTLED: Final = _METER.create_counter("acr_relocate.throttled", "{call}", "Calls that Azure has put off")
_PHASES: Final = _METER.create_histogram("acr_relocate.phase.duration", "s", "How long a phase took")
_DIFFERENCES: Final = _METER.create_gauge("acr_relocate.differences", "{difference}", "Of the last comparison")

_started = False


@asynccontextmanager
async def exporting_metrics() -> AsyncIterator[None]:
    """Export what the block records, where the environment asks for it; at its end all of it has been sent."""
    _start()
    try:
        yield
    finally:
        await asyncio.to_thread(_flush)


def _flush() -> None:
    flush = getattr(metrics.get_meter_provider(), "force_flush", None)
    if flush is None:  # without the SDK nothing is recorded
        return
    try:
        flush(_FLUSH_MILLISECONDS)
    except Exception as error:  # noqa: BLE001 - whatever it is, the work matters more
        logging.getLogger(__name__).warning("The last metrics could not be sent: %s", error)


def _start() -> None:
    global _started  # noqa: PLW0603 - OpenTelemetry has one provider in a process
    if _started or not any(map(os.environ.get, _ENDPOINTS)):
        return
    _started = True
    try:
        from opentelemetry.exporter.otlp.proto.http.metric_exporter import OTLPMetricExporter  # noqa: PLC0415 - an extra
        from opentelemetry.sdk.metrics import MeterProvider  # noqa: PLC0415 - as above
        from opentelemetry.sdk.metrics.export import PeriodicExportingMetricReader  # noqa: PLC0415 - as above
    except ImportError:
        logging.getLogger(__name__).warning(
            "%s is set, but metrics need the extra: pip install 'acr-relocate[metrics]'", _ENDPOINTS[0]
        )
        return
    metrics.set_meter_provider(MeterProvider([PeriodicExportingMetricReader(OTLPMetricExporter())]))


def count_import(request: RelocationRequest, outcome: ImportOutcome) -> None:
    """Count an import that has ended."""
    names = _names(request)
    _IMPORTS.add(1, names | {"outcome": outcome.kind})
    if outcome.kind == "created":
        _BYTES.add(outcome.item.size_bytes, names)


def count_throttled(request: RelocationRequest, calls: int) -> None:
    """Count calls that Azure has put off."""
    _THROTTLED.add(calls, _names(request))


def record_phase(request: RelocationRequest, flow: str, phase: PhaseResult) -> None:
    """Record how long a phase took and how it ended."""
    labels = {"flow": flow, "phase": phase.name, "status": phase.status}
    _PHASES.record(phase.seconds, _names(request) | labels)


def record_differences(request: RelocationRequest, count: int) -> None:
    """Record how many differences a comparison has found."""
    _DIFFERENCES.set(count, _names(request))


def _names(request: RelocationRequest) -> dict[str, str]:
    return {"source": request.source.name, "target": request.target.name}
