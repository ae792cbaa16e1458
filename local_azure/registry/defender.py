"""Microsoft Defender for Containers: after a push or an import, an image has findings and their signature.

Source: defender-for-cloud, "Security findings": a referrer of type application/vnd.in-toto+json with the annotations
`scanner: MDVM` and `report-type: SoftwareInventoryAssessment`, and a signature of it.
"""

from typing import Any, Final

from local_azure.state.content import Repository
from local_azure.state.manifests import OCI_MANIFEST, Manifest, compose

FINDINGS: Final = "application/vnd.in-toto+json"
SIGNATURE: Final = "application/vnd.cncf.notary.signature"
EMPTY: Final = "application/vnd.oci.empty.v1+json"


def append_findings(repository: Repository, digest: str, now: float) -> None:
    """Attach signed findings of Defender to the image."""
    subject = repository.manifests[digest].manifest
    notes = {"scanner": "MDVM", "report-type": "SoftwareInventoryAssessment"}
    findings = _referrer(repository, subject, FINDINGS, f'{{"packages of":"{digest}"}}'.encode(), notes)
    repository.put_manifest(findings, now)
    repository.put_manifest(_referrer(repository, findings, SIGNATURE, b"{}", {}), now)


def _referrer(repository: Repository, subject: Manifest, kind: str, data: bytes, notes: dict[str, str]) -> Manifest:
    config, layer = repository.put_blob(b"{}"), repository.put_blob(data)
    document: dict[str, Any] = {
        "schemaVersion": 2,
        "mediaType": OCI_MANIFEST,
        "artifactType": kind,
        "config": {"mediaType": EMPTY, "digest": config, "size": 2},
        "layers": [{"mediaType": kind, "digest": layer, "size": len(data)}],
        "subject": {"mediaType": subject.media_type, "digest": subject.digest, "size": len(subject.raw)},
    }
    return compose(document | ({"annotations": notes} if notes else {}))
