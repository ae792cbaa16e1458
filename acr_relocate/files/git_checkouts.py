"""Search a folder or a Git repository for references and rewrite them; a repository's change is a branch of its own.

The installed Git is run, and signs in as configured there. It never prompts, and uses only https, ssh and files: its
other transports run commands.
"""

from __future__ import annotations

import asyncio
import os
import re
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Final

from acr_relocate.core.errors import InvalidRequest, RelocationError
from acr_relocate.files import reference_scan
from acr_relocate.files.reference_scan import Survey
from acr_relocate.references.flow_models import FoundReference, ReferenceRequest, ReferencesFound

_ADDRESS: Final = re.compile(r"(https|ssh|file)://|[\w.-]+@[\w.-]+:")
WITH_PASSWORD: Final = re.compile(r"\w+://[^/@]*:[^/@]*@")
AUTHOR: Final = ("-c", "user.name=acr-relocate", "-c", "user.email=acr-relocate@localhost")
QUIET: Final = {"GIT_TERMINAL_PROMPT": "0", "GIT_ALLOW_PROTOCOL": "https:ssh:file", "LC_ALL": "C"}


async def look(asked: ReferenceRequest) -> ReferencesFound:
    """Return all references in the place, rewritten if requested.

    Again: nothing is left to change, and no branch is pushed. On failure: a repository is unchanged, and each file of
    a folder is whole.
    """
    rename = asked.rename
    async with _opened(asked) as folder:
        seen = await asyncio.to_thread(reference_scan.survey, [folder], rename, asked.choice)
        failures = await asyncio.to_thread(reference_scan.write_references, seen) if asked.write else []
        pushed = await _offer(folder, asked) if asked.write and _is_address(asked.place) and not failures else ""
        return _told(seen, folder, asked, failures, pushed)


@asynccontextmanager
async def _opened(asked: ReferenceRequest) -> AsyncIterator[Path]:
    """Yield the folder itself, or a temporary checkout of the repository."""
    if WITH_PASSWORD.match(asked.place):
        raise InvalidRequest("The address has a password in it.", remedy="Use the worker's credential helper.")
    if not _is_address(asked.place):
        yield Path(asked.place)
        return
    with tempfile.TemporaryDirectory(prefix="acr-relocate-") as folder:
        wanted = ["--branch", asked.branch] if asked.branch else []
        await _git("clone", "--quiet", "--depth", "1", "--no-single-branch", *wanted, "--", asked.place, folder)
        offered = f"refs/remotes/origin/{asked.new_branch}"
        if await _git("for-each-ref", offered, at=folder):  # the earlier branch, with people's changes to it
            await _git("checkout", "--quiet", "-B", asked.new_branch, offered, at=folder)
        yield Path(folder)


async def _offer(folder: Path, asked: ReferenceRequest) -> str:
    """Push the change as a branch; return the branch's name, or an empty string without a change."""
    if not await _git("status", "--porcelain", at=folder):
        return ""
    await _git("checkout", "--quiet", "-B", asked.new_branch, at=folder)
    message = f"Name {asked.target} instead of {asked.source}"
    await _git(*AUTHOR, "commit", "--quiet", "--all", "--message", message, at=folder)
    await _git("push", "--quiet", "origin", asked.new_branch, at=folder)
    return asked.new_branch


async def _git(*arguments: str, at: Path | str = ".") -> str:
    """Run git and return its output. Raises RelocationError with its last line."""
    process = await asyncio.create_subprocess_exec(
        "git",
        *arguments,
        cwd=at,
        env=os.environ | QUIET,
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    said, complaint = await process.communicate()
    if process.returncode:
        last = (complaint.decode(errors="replace").strip().splitlines() or ["nothing said"])[-1]
        verb = next(argument for argument in arguments if argument in {"clone", "push", "commit", "checkout"})
        raise RelocationError(f"git {verb} failed: {last}", remedy="Try it as the worker's user: git ls-remote ADDRESS")
    return said.decode(errors="surrogateescape").strip()


def _is_address(place: str) -> bool:
    return _ADDRESS.match(place) is not None


def _told(seen: Survey, folder: Path, asked: ReferenceRequest, failures: list[str], pushed: str) -> ReferencesFound:
    references = tuple(
        FoundReference(
            path=_readable(found.text.path.relative_to(folder)),
            line=reference.line,
            kind=reference.kind.value,
            text=_readable(reference.text),
            becomes=_readable(reference.replacement or "") if asked.choice.rewrites(reference) else "",
            note=reference.note,
        )
        for found in seen.files
        for reference in found.references
    )
    unread = (f"{_readable(one.path.relative_to(folder))}: {one.reason}" for one in seen.skipped if one.failed)
    return ReferencesFound(
        summary=reference_scan.summarise_scan(seen, written=asked.write),
        references=references,
        left=seen.left(written=asked.write),
        written=asked.write,
        pushed=pushed,
        unread=(*unread, *failures),
    )


def _readable(text: object) -> str:
    """Return the text with invalid UTF-8 replaced: JSON and Prefect accept nothing else."""
    return str(text).encode("utf-8", "surrogateescape").decode("utf-8", "replace")
