"""Checks of other writers to the registries beside people and pipelines: image scanners, and what streams images."""

from collections.abc import Iterator
from typing import Final

from acr_relocate.core.checks.check import Violation, check
from acr_relocate.core.content.scan_findings import scanned_images
from acr_relocate.core.evidence.evidence import Evidence
from acr_relocate.core.evidence.unknown import Unknown

_STREAMING: Final = "application/vnd.azure.artifact.streaming.v1"


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
            "To move them, set selection.scan_findings. See that its plan is on in the target's subscription: "
            f"az security pricing show --name Containers --subscription {evidence.request.target_subscription_id}",
            evidence.source.id,
        )


@check("warning")
def artifact_streaming(evidence: Evidence) -> Iterator[Violation]:
    """Images have streaming artifacts, which are as large as they are. They are moved; what makes new ones is not.

    Source: learn.microsoft.com/cli/azure/acr/artifact-streaming: the setting of a repository is of its registry.
    """
    content = evidence.content
    if isinstance(content, Unknown):
        return
    streamed = [
        repository.name
        for repository in content.repositories
        if any(manifest.artifact_type == _STREAMING for manifest in repository.manifests)
    ]
    if streamed:
        update = f"az acr artifact-streaming update --name {evidence.request.target.name} --enable-streaming True"
        remedy = [f"# To leave out those that are there: selection.exclude_referrer_types: [{_STREAMING}]"]
        remedy += [f"{update} --repository {repository}" for repository in streamed]
        yield Violation(
            f"Images of {', '.join(streamed[:5])} have streaming artifacts: the target makes none automatically.",
            "\n".join(remedy),
            evidence.source.id,
        )
