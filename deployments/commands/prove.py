"""`acr-relocate prove`, and `verify --proof`: sign a statement of a move, and check one."""

import asyncio
import json
import os
from pathlib import Path
from typing import Annotated, Final

import typer

from acr_relocate.core.errors import InvalidRequest
from acr_relocate.core.verification.proof import PAYLOAD_TYPE, MoveStatement, from_in_toto, to_in_toto
from acr_relocate.core.wording import plural
from acr_relocate.files.private_files import write_private
from deployments.commands import request_files
from deployments.commands.options import display, shows
from deployments.commands.run_command import DONE, NOT_RELOCATED, RequestFile

app = typer.Typer()

KEY_PASSWORD: Final = "ACR_RELOCATE_KEY_PASSWORD"  # noqa: S105 - the name of a variable
_SHOWN: Final = 10


@app.command()
@shows("data", "as_json", "quiet", "no_color")
def prove(
    request: RequestFile,
    *,
    key: Annotated[
        str,
        typer.Option("--key", metavar="KEY", help="A file with a private key (PEM), or the id of a Key Vault key."),
    ],
    out: Annotated[Path, typer.Option("--out", metavar="FILE", help="Write the signed statement here.")],
    attach: Annotated[
        bool, typer.Option("--attach", help="Also attach it to each moved image of the target, as a referrer.")
    ] = False,
) -> None:
    """Compare both registries, and write a signed statement with every moved digest (in-toto, DSSE).

    Only reads, unless the statement is attached.
    """
    wanted = request_files.load_request(request)
    from acr_relocate.files.signed_statements import load_signer, sign_statement  # noqa: PLC0415 - not for bad input
    from deployments.proof import attach_to_images, parse_key_id, prove_move, sign_in_vault  # noqa: PLC0415 - as above

    password = os.environ.get(KEY_PASSWORD)
    in_vault = parse_key_id(key) if key.startswith("https://") else None
    signer = None if in_vault else load_signer(Path(key), password.encode() if password else None)
    proven = asyncio.run(prove_move(wanted, _say))
    statement = proven.statement
    payload = to_in_toto(statement)
    if in_vault:
        signed = asyncio.run(sign_in_vault(*in_vault, payload))
    elif signer:
        signed = sign_statement(payload, PAYLOAD_TYPE, signer)
    write_private(out, signed)
    attached = asyncio.run(attach_to_images(proven, signed)) if attach else 0
    if display().as_json:
        typer.echo(statement.model_dump_json(indent=2))
    else:
        _say_line(f"Statement: {out}, signed with {key}")
        if attach:
            _say_line(f"Attached:  to {attached:,} of {plural(len(proven.images), 'moved image')}")
        typer.echo(f"proved: {_counted(statement)}")


def check_proof(proof: Path, public_key: Path | None) -> None:
    """Check the signature, then compare the target with the statement; exit with the status."""
    if public_key is None:
        raise InvalidRequest("Who signed the proof?", remedy="Give the author's public key as well: --public-key FILE.")
    from acr_relocate.files.signed_statements import read_statement  # noqa: PLC0415 - not for bad input
    from deployments.proof import check_target  # noqa: PLC0415 - as above

    statement = from_in_toto(read_statement(proof, PAYLOAD_TYPE, public_key))
    found = asyncio.run(check_target(statement, _say))
    if display().as_json:
        told = {"statement": statement.model_dump(mode="json"), "differences": [one.model_dump() for one in found]}
        typer.echo(json.dumps(told, indent=2))
        raise typer.Exit(NOT_RELOCATED if found else DONE)
    _say_line(f"Signature: valid for {public_key}")
    _say_line(f"Statement: {statement.source.login_server} was moved to {statement.target.login_server}")
    _say_line(f"Compared:  {statement.compared_at:%Y-%m-%d %H:%M:%S} UTC, acr-relocate {statement.version}")
    for identity in statement.compared_by:
        _say_line(f"By:        identity {identity}")
    shown = found if display().full else found[:_SHOWN]
    for one in shown:
        _say_line(f"  {one.message}")
    if len(found) > len(shown):
        _say_line(f"  and {len(found) - len(shown)} more: --full")
    typer.echo(f"different: {plural(len(found), 'difference')}" if found else f"equal: {_counted(statement)}")
    raise typer.Exit(NOT_RELOCATED if found else DONE)


def _counted(statement: MoveStatement) -> str:
    manifests = sum(len(repository.manifests) for repository in statement.repositories)
    tags = sum(len(repository.tags) for repository in statement.repositories)
    return f"{plural(manifests, 'manifest')} and {plural(tags, 'tag')} at {statement.target.login_server}"


def _say_line(text: str) -> None:
    """Print a line of the result, unless the verdict alone is wanted."""
    if not display().quiet:
        typer.echo(text)


def _say(text: str) -> None:
    if not display().quiet:
        typer.echo(text, err=True)
