"""The listing of a cluster's workloads: its columns, and an output that was cut."""

import pytest

from acr_relocate.core.errors import ListingIncomplete
from acr_relocate.core.switching.workloads import END_OF_LIST, read_workloads

SERVER = "contosoregistry.azurecr.io"


def row(kind: str = "Deployment", name: str = "web", **columns: str) -> str:
    shown = {
        "kind": kind, "namespace": "shop", "name": name, "managed_by": "", "argo_label": "", "argo": "", "flux": "",
        "flux_helm": "", "owners": "", "managers": "kubectl-set", "containers": "main,proxy",
        "images": f"{SERVER}/shop/web:1,mcr.microsoft.com/proxy:1", "init_containers": "setup",
        "init_images": f"{SERVER}/shop/setup:1", "job_containers": "", "job_images": "", "generation": "2",
        "observed": "2", "replicas": "3", "updated": "3", "ready": "3", "present": "3", "scheduled": "",
        "scheduled_updated": "", "scheduled_ready": "",
    } | columns  # fmt: skip
    return "   ".join(value or "<none>" for value in shown.values())


def test_columns_are_read_and_other_lines_are_ignored() -> None:
    [found] = read_workloads(f"Warning: something is deprecated\n{row()}\n{END_OF_LIST}\n")

    assert found.key == "Deployment/shop/web"
    assert found.images == {
        (False, "main"): f"{SERVER}/shop/web:1",
        (False, "proxy"): "mcr.microsoft.com/proxy:1",
        (True, "setup"): f"{SERVER}/shop/setup:1",
    }
    assert (found.owner, found.is_ready, found.why_left) == ("", True, "")


def test_an_output_that_was_cut_is_no_listing() -> None:
    """Its missing workloads would be taken for switched."""
    with pytest.raises(ListingIncomplete, match="ends too early"):
        read_workloads(f"{row()}\n{row(name='other')}"[:-40])


@pytest.mark.parametrize(
    ("columns", "owner"),
    [
        ({"managed_by": "Helm"}, "Helm"),
        ({"argo": "shop:apps/Deployment:shop/web"}, "Argo CD"),
        ({"argo_label": "shop"}, "Argo CD"),
        ({"flux": "apps"}, "Flux"),
        ({"flux_helm": "shop"}, "Flux"),
        ({"owners": "ShopOperator"}, "ShopOperator"),
        ({"managers": "kubectl,argocd-controller"}, "Argo CD"),
        ({"managers": "helm"}, "Helm"),
        ({"managers": "kubectl-client-side-apply,kube-controller-manager"}, ""),
    ],
    ids=str,
)
def test_owners_that_would_set_an_image_back_are_told(columns: dict[str, str], owner: str) -> None:
    """Told by label, annotation, owner reference or field manager."""
    [found] = read_workloads(f"{row(**columns)}\n{END_OF_LIST}")

    assert found.owner == owner


@pytest.mark.parametrize(
    ("kind", "columns", "is_ready"),
    [
        ("Deployment", {"ready": "2"}, False),
        ("Deployment", {"observed": "1"}, False),
        ("Deployment", {"replicas": "0", "updated": "", "ready": "", "present": ""}, True),
        ("StatefulSet", {"updated": "1"}, False),
        ("DaemonSet", {"scheduled": "3", "scheduled_updated": "3", "scheduled_ready": "3"}, True),
        ("DaemonSet", {"scheduled": "3", "scheduled_updated": "2", "scheduled_ready": "3"}, False),
        ("CronJob", {"observed": "", "generation": "1"}, True),
    ],
)
def test_rolled_out_is_what_kubernetes_calls_it(kind: str, columns: dict[str, str], is_ready: bool) -> None:
    [found] = read_workloads(f"{row(kind, **columns)}\n{END_OF_LIST}")

    assert found.is_ready == is_ready
