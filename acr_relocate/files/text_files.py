"""Text files of a folder or a checkout: found, read without losing a byte, and replaced atomically."""

from __future__ import annotations

import codecs
import os
import stat
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Final, NamedTuple

from acr_relocate.core.errors import InvalidRequest, RelocationError

# Folders with generated content. Named explicitly, they are read.
NOT_OURS: Final = frozenset(
    {".git", ".hg", ".svn", "node_modules", ".venv", "venv", "__pycache__", ".terraform", ".tox", ".gradle"}
)
_LARGEST: Final = 64 * 1024 * 1024  # bytes: no manifest is that long, but dumps and disk images are
_FORMATS: Final = (b"%PDF-",)  # that can be without a zero byte, and hold positions in themselves
_LONGEST_NAME: Final = 40  # characters of a file's name in its draft's: file systems allow 255 bytes

_BYTE_ORDER_MARKS: Final = (
    (codecs.BOM_UTF32_LE, "utf-32-le"),  # before UTF-16, whose mark it begins with
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)


class TextFile(NamedTuple):
    """A file's text and the encoding that restores its exact bytes."""

    path: Path
    content: str
    encoding: str

    @property
    def raw(self) -> bytes:
        """Return the bytes of the file when it was read."""
        return encode(self.content, self.encoding)


class Skipped(NamedTuple):
    """A file or folder that was not read, and why: on purpose, or by failure."""

    path: Path
    reason: str
    failed: bool = False


def require_paths(paths: Iterable[Path]) -> None:
    """Raise InvalidRequest unless every path exists."""
    absent = [str(path) for path in paths if not os.path.lexists(path)]
    if absent:
        raise InvalidRequest(f"No such file or folder: {', '.join(absent)}.")


def read_text_files(paths: Iterable[Path]) -> Iterator[TextFile | Skipped]:
    """Yield every file under the paths once, in a stable order: its text, or why it was not read."""
    seen: set[str | Skipped] = set()
    for path in paths:
        for found in _files(path):
            # A skipped link does not skip its destination, which is read under its own name.
            key = found if isinstance(found, Skipped) else os.path.realpath(found)
            if key not in seen:
                seen.add(key)
                yield found if isinstance(found, Skipped) else read_text_file(found)


def _files(path: Path) -> Iterator[Path | Skipped]:
    """Yield the files under a path. Links in it are not followed: their destinations are outside, or found anyway."""
    if not path.is_dir():
        yield path
        return
    try:
        entries = sorted(path.iterdir())
    except OSError as error:
        yield Skipped(path, f"cannot be read: {error.strerror}", failed=True)
        return
    for entry in entries:
        if entry.is_symlink():
            yield Skipped(entry, "a symbolic link")
        elif not entry.is_dir():
            yield entry
        elif entry.name in NOT_OURS:
            yield Skipped(entry, "a tool's folder")
        else:
            yield from _files(entry)


def read_text_file(path: Path) -> TextFile | Skipped:
    """Return a file's text, or why it has none."""
    try:
        status = path.stat()
        if not stat.S_ISREG(status.st_mode):
            return Skipped(path, "not a regular file")
        if status.st_size > _LARGEST:
            return Skipped(path, f"larger than {_LARGEST // 1024 // 1024} MiB")
        return decode(path, path.read_bytes())
    except OSError as error:
        return Skipped(path, f"cannot be read: {error.strerror}", failed=True)


def decode(path: Path, raw: bytes) -> TextFile | Skipped:
    """Return bytes as text: UTF-16 and UTF-32 by their mark, and otherwise UTF-8, its stray bytes kept."""
    for mark, encoding in _BYTE_ORDER_MARKS:
        if raw.startswith(mark):
            content = raw.decode(encoding, errors="replace")
            exact = encode(content, encoding) == raw
            return TextFile(path, content, encoding) if exact else Skipped(path, f"not valid {encoding}")
    if b"\0" in raw or raw.startswith(_FORMATS):  # anywhere: installers are a script with an archive behind it
        return Skipped(path, "binary")
    return TextFile(path, raw.decode("utf-8", errors="surrogateescape"), "utf-8")


def encode(content: str, encoding: str) -> bytes:
    """Return the original bytes of a decoded text."""
    return content.encode(encoding, errors="surrogateescape" if encoding == "utf-8" else "strict")


def replace(text: TextFile, content: str) -> None:
    """Replace a file's content atomically, with the same permissions and, if allowed, the same owner.

    Again: no difference. On failure: the file is unchanged; one that was changed since it was read is not touched.
    """
    path = text.path.resolve()  # a link that was named stays a link
    if path.read_bytes() != text.raw:
        raise RelocationError(f"{text.path} was changed by someone else meanwhile and was not rewritten.")
    handle, draft = tempfile.mkstemp(prefix=f".{path.name[:_LONGEST_NAME]}.", dir=path.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(encode(content, text.encoding))
        status = path.stat()
        with suppress(PermissionError):
            os.chown(draft, status.st_uid, status.st_gid)
        Path(draft).chmod(stat.S_IMODE(status.st_mode))
        Path(draft).replace(path)
    except BaseException:
        Path(draft).unlink(missing_ok=True)
        raise
