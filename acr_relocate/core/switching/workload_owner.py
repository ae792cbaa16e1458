"""The owner of a resource of a cluster: the tool that would set a change of it back, told from its metadata.

Source: kubectl get (custom-columns); Helm and Kubernetes recommended labels; Argo CD resource tracking; Flux
Kustomization and HelmRelease labels; server-side apply (managedFields).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from acr_relocate.core.errors import ListingIncomplete

OWNER_COLUMNS: Final = {
    "managed_by": r".metadata.labels.app\.kubernetes\.io/managed-by",
    "argo_label": r".metadata.labels.argocd\.argoproj\.io/instance",
    "argo": r".metadata.annotations.argocd\.argoproj\.io/tracking-id",
    "flux": r".metadata.labels.kustomize\.toolkit\.fluxcd\.io/name",
    "flux_helm": r".metadata.labels.helm\.toolkit\.fluxcd\.io/name",
    "owners": ".metadata.ownerReferences[*].kind",
    "managers": ".metadata.managedFields[*].manager",
}
_MISSING: Final = "<none>"
_OWNING_MANAGERS: Final = {
    "argocd-controller": "Argo CD",
    "argocd-application-controller": "Argo CD",
    "kustomize-controller": "Flux",
    "helm-controller": "Flux",
    "helm": "Helm",
}


def owner_of(columns: Mapping[str, str]) -> str:
    """Return the tool or resource that would set a change back, or an empty string."""
    if columns.get("argo_label") or columns.get("argo"):
        return "Argo CD"
    if columns.get("flux") or columns.get("flux_helm"):
        return "Flux"
    if columns.get("managed_by"):
        return columns["managed_by"]
    if columns.get("owners"):
        return columns["owners"]
    managers = (_OWNING_MANAGERS.get(one.lower(), "") for one in columns.get("managers", "").split(","))
    return next(filter(None, managers), "")


def custom_columns(columns: Mapping[str, str]) -> str:
    """Return the columns as kubectl wants them."""
    return ",".join(f"{name.upper()}:{path}" for name, path in columns.items())


def shown_columns(columns: Mapping[str, str], logs: str, end: str, listed: str) -> Iterator[dict[str, str]]:
    """Yield the columns that each row has, by name. Lines of another form, such as warnings, are ignored.

    Raises ListingIncomplete if the line `end` is missing: the output of a command is limited. `listed`: the resources.
    """
    if end not in logs.splitlines():
        raise ListingIncomplete(
            f"The listing of the cluster's {listed} ends too early",
            code="OutputCut",
            remedy="Select fewer clusters, or switch its workloads manually (`acr-relocate references`).",
        )
    for row in (line.split() for line in logs.splitlines()):
        if len(row) == len(columns):
            yield {name: value for name, value in zip(columns, row, strict=True) if value != _MISSING}
