"""The request of the references flow, as its form shows it, and its result, without lines of files."""

from __future__ import annotations

from pydantic import Field

from acr_relocate.core.documents.markdown_parts import document, table
from acr_relocate.core.model import FormModel, FrozenModel
from acr_relocate.core.request.fields import RenameRules
from acr_relocate.core.wording import plural
from acr_relocate.references.model import Choice, Rename, parse_rename

_SHOWN = 500


class ReferenceRequest(FormModel):
    """The place to search for the old registry, and the new one."""

    place: str = Field(
        min_length=1,
        title="Folder or repository",
        description="A folder on the worker, or a Git address (https or ssh) that it may read. No password in "
        "it: the worker's own credential helper or key is used.",
        examples=["https://github.com/contoso/deploy.git"],
    )
    source: str = Field(
        title="Old login server",
        description="As in manifests.",
        examples=["contoso.azurecr.io"],
    )
    target: str = Field(
        title="New login server",
        description="The replacement.",
        examples=["contosonorth.azurecr.io"],
    )
    write: bool = Field(
        default=False,
        title="Rewrite",
        description="Rewrite in the folder; for a repository, push the change as a branch of its own, to be reviewed. "
        "Off: only search.",
    )
    branch: str = Field(
        default="",
        title="Branch",
        description="Of the repository; empty: its default branch. It is never pushed to.",
    )
    probable: bool = Field(
        default=False,
        title="Include probable references",
        description="Also rewrite texts that probably name the registry.",
    )
    source_region: str = Field(default="", title="Old region", description="For data endpoints; both or none.")
    target_region: str = Field(default="", title="New region")
    source_id: str = Field(
        default="",
        title="Old resource id",
        description="Of the registry; both or none.",
    )
    target_id: str = Field(default="", title="New resource id")

    repositories: RenameRules = Field(default={})

    @property
    def rename(self) -> Rename:
        """Return the rename. Raises InvalidRequest."""
        details = {name: getattr(self, name) for name in ("source_region", "target_region", "source_id", "target_id")}
        return parse_rename(self.source, self.target, self.repositories, **details)

    @property
    def choice(self) -> Choice:
        """Return the kinds to rewrite. Pull secrets are never among them: their passwords would not work."""
        return Choice(probable=self.probable)

    @property
    def new_branch(self) -> str:
        """Return the name of the new branch."""
        return f"acr-relocate/{self.target.partition('.')[0].lower()}"


class FoundReference(FrozenModel):
    """One reference in a file. `becomes` is empty if it is left to people, and `note` says why."""

    path: str
    line: int
    kind: str
    text: str
    becomes: str = ""
    note: str = ""


class ReferencesFound(FrozenModel):
    """All references to the old registry. `left`: how many still name it; `pushed`: the branch, if one was.

    `unread`: files that could not be read or written, so that nothing is known about them.
    """

    summary: str
    references: tuple[FoundReference, ...]
    left: int
    written: bool = False
    pushed: str = ""
    unread: tuple[str, ...] = ()


def in_markdown(found: ReferencesFound) -> str:
    """Return the result as Markdown for the Prefect UI."""
    rows = [(f"{one.path}:{one.line}", one.kind, one.text, one.becomes, one.note) for one in found.references[:_SHOWN]]
    rest = len(found.references) - len(rows)
    return document(
        "# References",
        found.summary,
        f"Pushed as the branch `{found.pushed}`: review and merge it." if found.pushed else "",
        *(f"Skipped: {one}" for one in found.unread),
        table(("where", "kind", "reads", "becomes", "note"), rows) if rows else "",
        f"… and {plural(rest, 'reference')} more." if rest else "",
    )
