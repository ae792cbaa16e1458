"""The command `acr-relocate verify`: compare a target with its source, or any two registries."""

import re
from pathlib import Path
from typing import Annotated

import typer

from acr_relocate.core.errors import InvalidRequest
from acr_relocate.core.request.fields import REGISTRY_ID
from acr_relocate.core.request.registry_refs import RegistryRef
from acr_relocate.core.request.selection import Selection
from deployments.commands.options import shows_result
from deployments.commands.prove import check_proof
from deployments.commands.run_command import (
    AllowEmpty,
    AsHtml,
    EditedTemplate,
    run_flow_command,
    run_request_command,
)

app = typer.Typer()

Id = Annotated[str, typer.Option(metavar="ID", help="Instead of a request: the resource id of a registry.")]

Sample = Annotated[int, typer.Option(metavar="N", min=0, help="Read and check the blobs of this many manifests.")]
BeforeCutOver = Annotated[bool, typer.Option("--before-cut-over", help="Ignore differences that the cut-over removes.")]
Resume = Annotated[
    bool, typer.Option("--resume", help="With --blobs: without those that an interrupted check has read.")
]

Proof = Annotated[
    Path | None, typer.Option("--proof", metavar="FILE", help="Compare a target with the statement of `prove`.")
]
PublicKey = Annotated[
    Path | None, typer.Option("--public-key", metavar="FILE", help="The key that signed the proof, as PEM.")
]


@app.command()
@shows_result
def verify(  # noqa: PLR0913 - what it reads, how much of it, and where the result goes
    request: Annotated[
        Path | None, typer.Argument(metavar="REQUEST", help="The request of a relocation; - is the standard input.")
    ] = None,
    *,
    source: Id = "",
    target: Id = "",
    sample: Sample = 0,
    blobs: Annotated[bool, typer.Option("--blobs", help="Read and check every blob of the target.")] = False,
    resume: Resume = False,
    before_cut_over: BeforeCutOver = False,
    template: EditedTemplate = None,
    allow_empty: AllowEmpty = False,
    html: AsHtml = None,
    proof: Proof = None,
    public_key: PublicKey = None,
) -> None:
    """Compare source and target: content, settings, network, dependents. Changes nothing."""
    if proof:
        check_proof(proof, public_key)
    if request is None:
        run_flow_command(
            "compare",
            lambda: (
                {"source": _ref(source), "target": _ref(target), "selection": Selection()}
                | {"sample": sample, "blobs": blobs, "resume": resume}
            ),
            html=html,
        )
    run_request_command(
        "verify",
        request,
        template=template,
        allow_empty=allow_empty,
        html=html,
        sample=sample,
        blobs=blobs,
        resume=resume,
        before_cut_over=before_cut_over,
    )


def _ref(resource_id: str) -> RegistryRef:
    """Return the registry with this id. Raises InvalidRequest."""
    if re.fullmatch(REGISTRY_ID, resource_id.strip(), re.IGNORECASE) is None:
        raise InvalidRequest(
            f"{resource_id!r} is not the resource id of a registry.",
            remedy="Give a request, or --source ID and --target ID: az acr show --name NAME --query id",
        )
    return RegistryRef(name=resource_id.strip())
