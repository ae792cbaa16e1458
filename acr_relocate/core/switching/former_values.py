"""The former values of a dependent that a record keeps: images, entries, traffic, workloads, a rule, a task's texts.

Each is of a closed form: a record is input, and none of its values may become a call of another kind.
"""

from __future__ import annotations

from typing import Annotated, Final, Literal

from pydantic import Field, StringConstraints

from acr_relocate.core.model import FrozenModel
from acr_relocate.core.registry.rename_map import RenameMap

OCI: Final = "oci://"
LoginServer = Annotated[str, StringConstraints(max_length=120, pattern=r"^[A-Za-z0-9.-]+$")]
PlainName = Annotated[str, StringConstraints(max_length=260, pattern=r"^[A-Za-z0-9._-]*$")]
RegistryURL = Annotated[
    str, StringConstraints(max_length=300, pattern=r"^(https?://)?[A-Za-z0-9.-]+/?[A-Za-z0-9/]*$|^$")
]
RegistrySetting = Annotated[str, StringConstraints(max_length=500, pattern=r"^((oci:/)?/[A-Za-z0-9._/()-]+)?$")]
TaskPlace = Literal["contextPath", "imageNames", "arguments", "values", "encodedTaskContent", "encodedValuesContent"]
_Image = Annotated[str, StringConstraints(max_length=500, pattern=r"^[A-Za-z0-9.-]+/[A-Za-z0-9._/:@-]+$")]
_Renamed = Annotated[str, StringConstraints(max_length=500, pattern=r"^[A-Za-z0-9._/:@-]*$")]
_Identity = Annotated[
    str,
    StringConstraints(
        max_length=500, pattern=r"^(system|system-environment|\[system\]|[0-9A-Fa-f-]{36}|/[^\x00-\x1f]+)$"
    ),
]
_IdentityId = Annotated[str, StringConstraints(max_length=500, pattern=r"^/subscriptions/[^\x00-\x20?#%]+$")]
_Filled = Annotated[str, StringConstraints(max_length=300, pattern=r"^[a-z0-9._/-]*\*?$")]
_Upstream = Annotated[str, StringConstraints(max_length=500, pattern=r"^[A-Za-z0-9.-]+/[a-z0-9._/-]*\*?$")]


class FormerImage(FrozenModel):
    """The image of a container before the switch, in full. `init`: it is an init container.

    `renamed`: its repository, tag and digest at the target, if the repository has another name there.
    """

    container: PlainName
    image: _Image
    init: bool = False
    renamed: _Renamed = ""

    def under(self, names: RenameMap) -> FormerImage:
        """Return it with its name at the target."""
        path = self.image.partition("/")[2]
        there = names.image_at_target(path)
        return self if there == path else self.model_copy(update={"renamed": there})


class FormerEntry(FrozenModel):
    """The source's entry among the registries of an app or a task: its server as written, its identity, its place.

    A task has no order, so its place is 0.
    """

    server: LoginServer
    identity: _Identity
    position: int = Field(ge=0, le=1000)


class FormerShare(FrozenModel):
    """One entry of the traffic of an app: a revision or the latest one, its percentage and its label."""

    revision: PlainName = ""
    latest: bool = False
    weight: int = Field(default=0, ge=0, le=100)
    label: PlainName = ""


class FormerWorkload(FrozenModel):
    """A workload of a cluster, and its images from the source before the switch."""

    kind: Literal["Deployment", "StatefulSet", "DaemonSet", "CronJob"]
    namespace: PlainName
    name: PlainName
    images: tuple[FormerImage, ...] = Field(max_length=100)

    @property
    def key(self) -> str:
        """Return the kind, the namespace and the name."""
        return f"{self.kind}/{self.namespace}/{self.name}"

    def under(self, names: RenameMap) -> FormerWorkload:
        """Return it with the names of its images at the target."""
        return self.model_copy(update={"images": tuple(image.under(names) for image in self.images)})


class PullSecret(FrozenModel):
    """A pull secret of a cluster that gets an entry for the target."""

    namespace: PlainName
    name: PlainName

    def __str__(self) -> str:
        """Return `namespace/name`."""
        return f"{self.namespace}/{self.name}"


class FormerRule(FrozenModel):
    """A cache rule of another registry before the switch, in full: to change its source, it is made again.

    `renamed`: the repository at the target, if it has another name there. `settled`: no change is under way, so
    a rule that is gone was deleted by others; during a change, by that change.
    """

    source: _Upstream
    fills: _Filled
    identities: tuple[_IdentityId, ...] = Field(default=(), max_length=10)
    renamed: _Renamed = ""
    settled: bool = False

    def under(self, names: RenameMap) -> FormerRule:
        """Return it with the name of its repository at the target; one with a star keeps its name."""
        path = self.source.partition("/")[2]
        there = path if path.endswith("*") else names.to_target(path)
        return self if there == path else self.model_copy(update={"renamed": there})


class FormerText(FrozenModel):
    """A text of a task that names the source: its place among the steps, and the SHA-256 of its value.

    The value is never recorded. Another login server in it has a way back, and the digest proves that it was gone.
    """

    place: TaskPlace
    digest: Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
