"""Test that a cluster can use the target: one of its nodes pulls an image from there, with the nodes' identity.

Only that identity proves it. The pull goes through the cluster's own network and DNS, and fails until the role has
reached the registry, which may take 10 minutes (container-registry-faq). `az aks check-acr` asks a node the same, but
pulls nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, Final

from acr_relocate.core.content.scan_findings import scanned_images
from acr_relocate.core.cut_over import roles
from acr_relocate.core.cut_over.arm_calls import ArmCall, Json
from acr_relocate.core.cut_over.context import CutOverContext
from acr_relocate.core.cut_over.effects import TryPull
from acr_relocate.core.cut_over.model import CutOverAction
from acr_relocate.core.dependencies.context import az
from acr_relocate.core.dependencies.raw_surroundings import properties, readable_items
from acr_relocate.core.dependencies.workloads import to_rename
from acr_relocate.core.evidence.unknown import Unknown
from acr_relocate.core.registry.inventory import Content, Manifest, Repository
from acr_relocate.core.registry.spelling import says

_CLUSTERS: Final = "2025-05-01"
HOST: Final = "HOST-OF-THE-TARGET"
PULLED: Final = "acr-relocate: a node has pulled with it"
_IMAGE_CONFIGS: Final = frozenset(
    {"application/vnd.oci.image.config.v1+json", "application/vnd.docker.container.image.v1+json"}
)
DOCKER_IMAGE: Final = "application/vnd.docker.distribution.manifest.v2+json"
PULL_WAVE: Final = 2
NO_IMAGES: Final = (".sig", ".att", ".sbom")
# The container need not start, and most do not: the image may lack `true`. Kubelet writes
# the event Pulled when manifest and layers have arrived; with the policy Always it has asked the registry for them.
SCRIPT: Final = (
    'pod=acr-relocate-$(date +%s); kubectl run "$pod" --image={image} --image-pull-policy=Always --restart=Never '
    "--command -- true || exit 1; pulled=; for _ in $(seq 30); do "
    'kubectl get events --field-selector "involvedObject.name=$pod,reason=Pulled" -o name | grep -q . '
    "&& pulled=yes && break; sleep 4; done; "
    'kubectl get events --field-selector "involvedObject.name=$pod,type=Warning" '
    "-o jsonpath='{{range .items[*]}}{{.message}}{{\"\\n\"}}{{end}}'; "
    'kubectl delete pod "$pod" --wait=false; [ -n "$pulled" ]'
)


def pull_test_actions(cut: CutOverContext) -> Iterator[CutOverAction]:
    """Yield a pull for each cluster whose nodes have a role at the source."""
    held = {str(properties(one).get("principalId")).lower(): properties(one) for one in _own_roles(cut)}
    for cluster in readable_items(cut.scene.around.clusters):
        kubelet = (properties(cluster).get("identityProfile") or {}).get("kubeletidentity") or {}
        role = held.get(str(kubelet.get("objectId") or "").lower())
        if role:
            yield _pull(cut, cluster, role)


def before_pull_tests(actions: Iterable[CutOverAction]) -> tuple[CutOverAction, ...]:
    """Return the actions that need no content at the target."""
    return tuple(action for action in actions if action.wave < PULL_WAVE)


def _own_roles(cut: CutOverContext) -> Iterator[Json]:
    """Yield the assignments to copy to the target; an inherited assignment that covers both needs no pull test."""
    for entry in readable_items(cut.scene.around.role_assignments):
        if not cut.scene.covers_target(str(properties(entry).get("scope") or "")):
            yield entry


def _pull(cut: CutOverContext, cluster: Json, role: Json) -> CutOverAction:
    """Return the pull. Its success is recorded in the role's description; it leaves no other trace."""
    given = next(iter(roles.re_created(cut, role)))
    image = image_for(cut, cluster)
    pulled = cut.request.names.image_at_target(image)
    return CutOverAction(
        id=f"{cluster['id'].lower()}/pull",
        kind="cluster",
        about=(str(cluster["id"]),),
        subject=f"pull by {cluster['name']}",
        what=f"have a node of {cluster['name']} pull {pulled or 'an image'} from {cut.request.target.name}",
        call=ArmCall(
            method="POST",
            path=f"{cluster['id']}/runCommand",
            api_version=_CLUSTERS,
            body={"command": SCRIPT.format(image=f"{HOST}/{pulled}")},
        ),
        fills=(roles.login_server_placeholder(cut, HOST),),
        look=given.look.model_copy(update={"expected": _marked(given.look.expected)}),
        effect=TryPull(mark=given.call.model_copy(update={"body": _marked(given.call.body)})),
        refused=given.refused or _unable(cut, cluster, image),
        wave=PULL_WAVE,
        leaves=to_rename(cut.scene, cluster),
        instead=az("aks check-acr", **cut.scene.where(cluster["id"]), acr=cut.scene.login_server),
    )


def _marked(told: Json | None) -> Json:
    own: dict[str, Any] = (told or {}).get("properties") or {}
    return {"properties": own | {"description": PULLED}}


def _unable(cut: CutOverContext, cluster: Json, image: str) -> str:
    """Return why the cluster cannot run the test, or an empty string."""
    if reason := why_no_commands(cluster):
        return reason
    if not image and is_gated(cluster) and cut.content is not None:
        return (
            "it runs no image without findings of Microsoft Defender, and no image of the target has any yet: they "
            "come within an hour where the plan Containers is on in the target's subscription; then cut over again"
        )
    return "" if image else "there is no image to pull"


def why_no_commands(cluster: Json) -> str:
    """Return why no command can be run in the cluster, or an empty string."""
    own = properties(cluster)
    if not says((own.get("powerState") or {}).get("code") or "Running", "Running"):
        return "it is stopped"
    if (own.get("apiServerAccessProfile") or {}).get("disableRunCommand"):
        return "it does not allow commands (disableRunCommand)"
    return ""


def is_gated(cluster: Json) -> bool:
    """Return whether the cluster refuses unscanned images (gated deployment)."""
    defender = (properties(cluster).get("securityProfile") or {}).get("defender") or {}
    return bool((defender.get("securityGating") or {}).get("enabled"))


def image_for(cut: CutOverContext, cluster: Json) -> str:
    """Return the image to pull, without the registry: one that the cluster runs, or else the smallest."""
    content = cut.content
    if content is None:
        return ""
    if is_gated(cluster):
        content = _scanned(content)
    running = cut.scene.around.running.get(str(cluster["id"]).lower(), ())
    if not isinstance(running, Unknown):
        there = _tagged(content)
        for name in running:
            if name in there:
                return name
    return _smallest(content)


def _scanned(content: Content) -> Content:
    """Return the content without the images that a gated cluster refuses, because they lack scan findings."""
    kept = []
    for repository in content.repositories:
        scanned = scanned_images(repository.manifests)
        manifests = tuple(one for one in repository.manifests if one.digest in scanned or scanned & set(one.children))
        digests = {one.digest for one in manifests}
        tags = tuple(tag for tag in repository.tags if tag.digest in digests)
        kept.append(repository.model_copy(update={"manifests": manifests, "tags": tags}))
    return content.model_copy(update={"repositories": tuple(kept)})


def _tagged(content: Content) -> frozenset[str]:
    return frozenset(f"{one.name}:{tag.name}" for one in content.repositories for tag in one.tags)


def _smallest(content: Content) -> str:
    """Return the smallest artifact that is most surely an image: with an image config, then indexes."""
    found = [
        (_doubt(manifest), manifest.size, f"{repository.name}@{manifest.digest}")
        for repository in content.repositories
        if repository.attributes.read_enabled
        for manifest in repository.manifests
        if _may_be_pulled(manifest) and _is_named(manifest, repository)
    ]
    return min(found)[2] if found else ""


def _may_be_pulled(manifest: Manifest) -> bool:
    is_open = manifest.attributes.read_enabled and manifest.quarantine in {"", "Passed"}
    is_other = manifest.subject or manifest.foreign_layers or manifest.artifact_type not in {None, *_IMAGE_CONFIGS}
    return is_open and not is_other


def _is_named(manifest: Manifest, repository: Repository) -> bool:
    """Return whether an image tag names it; manifests inside an index, and signatures, have no such tag."""
    return any(tag.digest == manifest.digest and not tag.name.endswith(NO_IMAGES) for tag in repository.tags)


def _doubt(manifest: Manifest) -> int:
    if manifest.media_type == DOCKER_IMAGE or manifest.artifact_type in _IMAGE_CONFIGS:
        return 0
    return 1 if manifest.children else 2


def pull_refusal(answer: Json) -> str:
    """Return why the result of a command in a cluster proves nothing, or an empty string if it does."""
    result = properties(answer)
    if result.get("exitCode") == 0:
        return ""
    return str(result.get("logs") or result.get("reason") or "the cluster did not say why").strip()
