"""The one input of a relocation. It becomes the form in the Prefect UI, and the request file of the command line."""

from __future__ import annotations

from collections.abc import Mapping

from pydantic import Field, ValidationError, model_validator

from acr_relocate.core.errors import InvalidRequest
from acr_relocate.core.model import FormModel
from acr_relocate.core.registry.rename_map import RenameMap
from acr_relocate.core.registry.resource_ids import registry_id
from acr_relocate.core.request.approval_stage import Stage
from acr_relocate.core.request.consolidation import Consolidation, with_prefix
from acr_relocate.core.request.dependents_to_switch import DependentsToSwitch
from acr_relocate.core.request.fields import (
    ConcurrentImports,
    EndpointId,
    IdentityId,
    ImportTimeout,
    MaxConcurrentGib,
    MemberName,
    PrivateAddress,
    ReadAllBytes,
    RenameRules,
    SmallArtifactKib,
    SmallArtifacts,
    SubnetId,
    VaultName,
    ViaReplica,
)
from acr_relocate.core.request.maintenance_window import Window
from acr_relocate.core.request.name_keeping import require_whole_move, with_intermediate
from acr_relocate.core.request.prices import Prices
from acr_relocate.core.request.registry_refs import RegistryRef, TargetRef
from acr_relocate.core.request.selection import Accepted, ImageList, Selection
from acr_relocate.core.request.template_file import TemplateFile
from acr_relocate.core.request.validation_messages import explain


class RelocationRequest(FormModel):
    """Move one registry to another region, resource group or subscription."""

    source: RegistryRef = Field(
        title="Source registry",
        description="The registry to move. It is not changed, unless deletion is requested.",
    )
    target: TargetRef = Field(title="Target registry", description="Where to move it to.")
    approvals: list[Stage] = Field(
        default=[Stage.BEFORE_DELETE],
        title="Wait for approval",
        description="Where the run waits until a person has approved. A registry is never deleted without asking.",
    )
    cut_over: bool = Field(
        default=True,
        title="Cut over",
        description="Let everything that depends on the source use the target too. Nothing is removed "
        "from the source. Off: the command cut-over does it later.",
    )
    delete_source: bool = Field(
        default=False,
        title="Delete the source in the end",
        description="When everything is verified and the source is unused, ask for approval and delete it. "
        "Off: the source is kept; the command delete-source does it later.",
    )
    soak_days: int = Field(
        default=14,
        title="Soak period (days)",
        strict=True,
        ge=1,
        le=90,
        description="The source is deleted only if its logs show no pull for so long.",
    )
    not_consumers: list[str] = Field(
        default=[],
        title="Ignored pull identities",
        description="Identities whose pulls do not keep the source from being deleted, such as a scanner's, as the "
        "registry's logs name them.",
    )
    content: bool = Field(
        default=True,
        title="Move the content",
        description="Off: only the registry and its settings are recreated; no image is listed, imported or compared.",
    )
    force: bool = Field(
        default=False,
        title="Overwrite tags",
        description="Move a tag of the target that names another digest. Otherwise such a tag is a conflict to report.",
    )
    only: ImageList = Field(
        default=[],
        title="Only these images",
        description="Import only these of the selected images, such as those missing after an earlier run: "
        "team/app@sha256:… or team/app:1.2. Empty: all missing images.",
    )
    concurrency: ConcurrentImports = 256
    import_timeout_minutes: ImportTimeout = 20
    prices: Prices = Field(
        default=Prices(),
        title="Prices of Azure",
        description="For the costs in the plan: registry days, storage, traffic.",
    )
    subnets: dict[SubnetId, SubnetId] = Field(
        default={},
        title="Subnets",
        description="For each subnet of the source's network rules, private endpoints or agent pools: its "
        "resource id, and the target's instead.",
    )
    replacements: dict[str, str] = Field(
        default={},
        title="Replacements",
        description="For any other value of the old region in the settings (a resource id, a key or secret "
        "address, a client id): the target's value.",
    )
    kubelet_identities: list[IdentityId] = Field(
        default=[],
        title="Future cluster identities",
        description="Resource ids of user-assigned identities to give pull access to the target: kubelet identities "
        "of clusters that will be created later.",
    )
    token_vault: VaultName = Field(
        default="",
        title="Key vault for token passwords",
        description="Name of the key vault for new token passwords. Empty: generating them is a manual step.",
    )
    template: TemplateFile = Field(
        default=TemplateFile(),
        title="Edited template",
        description="Deploy this template, an edited copy of the plan's, instead of the generated one.",
    )
    selection: Selection = Field(default=Selection(), title="Content", description="Which content to move.")
    rename: RenameRules = Field(default={})
    consolidation: Consolidation = Field(
        default=Consolidation(),
        title="Several sources",
        description="If several sources move into this target: all of them, each with its prefix.",
    )
    prune: bool = Field(
        default=False,
        title="Prune tags",
        description="Delete target tags that were deleted in the source since an earlier import brought "
        "them. Manifests stay. Off: they are only reported.",
    )
    prune_unselected: bool = Field(
        default=False,
        title="Prune what is not selected",
        description="The command sync deletes target tags that an earlier import brought and the selection leaves out "
        "by now, after an approval. Manifests stay.",
    )
    window: Window = Field(
        default=Window(),
        title="Maintenance window",
        description="When a cut-over may begin. Everything before it is done at any time.",
    )
    static_addresses: dict[EndpointId, dict[MemberName, PrivateAddress]] = Field(
        default={},
        title="Static addresses",
        description="For each private endpoint of the source whose addresses are fixed: its resource id, and the "
        "target's address for each member. No member: Azure assigns them.",
    )
    workers: int = Field(
        default=1,
        title="Worker runs for the import",
        strict=True,
        ge=1,
        le=16,
        description="More than 1 divides the import by repository among so many runs on the workers of the Prefect "
        "server. For registries of tens of thousands of images.",
    )
    allow_empty: bool = Field(
        default=False,
        title="Allow an empty selection",
        description="Continue although the selection matches nothing in a registry that has images. Off: a blocker.",
    )
    accept_broken: Accepted = Field(
        default=[],
        title="Accept broken artifacts",
        description="Broken artifacts to leave out: names or patterns such as team/app:1.2, or true for all.",
    )
    read_all_bytes: ReadAllBytes = False
    small_artifacts: SmallArtifacts = "import"
    small_artifact_kib: SmallArtifactKib = 1024
    max_concurrent_gib: MaxConcurrentGib = 0
    via_replica: ViaReplica = False
    cap_hours: Window = Field(
        default=Window(),
        title="Hours of that limit",
        description="When the limit of bytes in progress applies. Without a start: always.",
    )
    switch: DependentsToSwitch = Field(
        default=DependentsToSwitch(),
        title="Switch dependents",
        description="Point dependents at the target at the end of the cut-over. Off by default.",
    )

    @model_validator(mode="before")
    @classmethod
    def _by_an_intermediate(cls, data: object) -> object:
        return with_intermediate(data)

    @model_validator(mode="before")
    @classmethod
    def _below_its_prefix(cls, data: object) -> object:
        return with_prefix(data)

    @model_validator(mode="after")
    def _is_part_of_its_consolidation(self) -> RelocationRequest:
        self.consolidation.require_part(self.source.name, self.rename)
        if self.consolidation.sources and self.template.path:
            raise ValueError("template: an edited template cannot be used for one of several sources")
        if self.consolidation.sources and self.delete_source:
            raise ValueError("delete_source: delete the sources of one target when all are moved, each by its command")
        if self.target.name in self.consolidation.names:
            raise ValueError(f"consolidation.sources: {self.target.name} is the target")
        return self

    @model_validator(mode="after")
    def _moves_somewhere_else(self) -> RelocationRequest:
        if self.target.name == self.source.name:
            raise ValueError(
                f'target.name: "{self.target.name}" is the source\'s name; the target needs another one, '
                "because registry names are global in a cloud. To keep the name: same"
            )
        require_whole_move(self)
        return self

    @property
    def keeps_name(self) -> bool:
        """Return whether the source's name is wanted: the target is then the intermediate registry of two hops."""
        return bool(self.target.intermediate)

    @property
    def names(self) -> RenameMap:
        """Return the names of the source's repositories at the target."""
        return RenameMap(rules=self.rename, others=self.consolidation.prefixes_beside(self.source.name))

    @property
    def alone(self) -> RelocationRequest:
        """Return the request as if it had the target for itself."""
        return self.model_copy(update={"consolidation": Consolidation()})

    @property
    def target_subscription_id(self) -> str:
        """Return the target's subscription: its own, or else the source's."""
        return self.target.subscription_id or self.source.subscription_id

    @property
    def target_id(self) -> str:
        """Return the target registry's Azure resource id."""
        group = self.target.resource_group or self.source.resource_group
        return registry_id(self.target_subscription_id, group, self.target.name)

    def settled(self, source: RegistryRef) -> RelocationRequest:
        """Return the request with the discovered source, and the target's defaults filled in."""
        group = self.target.resource_group or source.resource_group
        target = self.target.model_copy(update={"resource_group": group})
        return self.model_copy(update={"source": source, "target": target}).with_sources({source.name: source})

    def with_sources(self, found: Mapping[str, RegistryRef]) -> RelocationRequest:
        """Return the request with these sources of its target at their places."""
        if not self.consolidation.sources:
            return self
        return self.model_copy(update={"consolidation": self.consolidation.located(found)})


def parse_request(data: object) -> RelocationRequest:
    """Return the request in `data` (from YAML, JSON or a form). Raises InvalidRequest with all errors."""
    if not isinstance(data, dict):
        raise InvalidRequest("The request is not a mapping with the fields source and target.")
    try:
        return RelocationRequest.model_validate(data)
    except ValidationError as error:
        raise InvalidRequest(explain(error, RelocationRequest)) from None
