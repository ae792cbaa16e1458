"""Checks of other writers to the registries beside people and pipelines: image scanners."""

from collections.abc import Iterator

from acr_relocate.core.checks.check import Violation, check
from acr_relocate.core.content.scan_findings import scanned_images
from acr_relocate.core.evidence.evidence import Evidence
from acr_relocate.core.evidence.unknown import Unknown


@check("note")
def defender_writes(evidence: Evidence) -> Iterator[Violation]:
    """Microsoft Defender has appended findings to images. They are neither moved nor compared: Defender recreates them.

    Source: defender-for-cloud, agentless-vulnerability-assessment-azure.md and enablement-guide-runtime-gated.
    """
    content = evidence.content
    if isinstance(content, Unknown) or evidence.request.selection.scan_findings:
        return
    scanned = sum(len(scanned_images(repository.manifests)) for repository in content.repositories)
    if scanned:
        yield Violation(
            f"{scanned} images of {evidence.source.name} have findings of Microsoft Defender, which are left out.",
            "See that its plan is on in the target's subscription: az security pricing show --name Containers "
            f"--subscription {evidence.request.target_subscription_id}; to move them: selection.scan_findings",
            evidence.source.id,
        )
