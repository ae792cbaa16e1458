"""The dependency map as a picture: Mermaid for the Prefect UI, SVG for the HTML report. Pure text, no network."""

from acr_relocate.core.report.diagrams.mermaid import flowchart
from acr_relocate.core.report.diagrams.svg import drawing

__all__ = ["drawing", "flowchart"]
