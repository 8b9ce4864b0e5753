"""Writing a file so that it holds the old content or the new, whatever happens in between."""

from __future__ import annotations

import contextlib
import errno
import os
import stat
from pathlib import Path

_REASONS = {
    errno.ENOSPC: "the disk is full",
    errno.EDQUOT: "your share of the disk is full",
    errno.EACCES: "you have no permission for it",
    errno.EPERM: "you have no permission for it",
    errno.EROFS: "the disk can only be read",
    errno.EISDIR: "it is a folder",
    errno.ENOTDIR: "a part of its path is a file, not a folder",
    errno.ENAMETOOLONG: "its name is too long",
    errno.ELOOP: "its links lead in a circle",
    errno.EIO: "the disk reports an error",
}


def write_atomically(path: Path, data: bytes) -> None:
    """Write `data` to a new file beside `path`, then put it in its place.

    A link is followed, and the permissions of a file that is there already are kept.

    Raises:
        OSError: if that fails; the file at `path` is then untouched.
    """
    target, beside = _places(path)
    try:
        with beside.open("xb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        with contextlib.suppress(FileNotFoundError):
            beside.chmod(stat.S_IMODE(target.stat().st_mode))
        beside.replace(target)
    except BaseException:
        with contextlib.suppress(OSError):
            beside.unlink(missing_ok=True)
        raise
    _sync_folder(target.parent)


def require_writable(path: Path) -> None:
    """Find out whether `write_atomically` can write there, before something long begins.

    Raises:
        OSError: if not.
    """
    _, beside = _places(path)
    beside.touch(exist_ok=False)
    beside.unlink()


def _places(path: Path) -> tuple[Path, Path]:
    """The file to write, behind every link, and a name beside it that nobody has.

    Raises:
        OSError: if there is something else than a file.
    """
    target = Path(os.path.realpath(path))
    if target.is_dir():
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), str(path))
    if target.exists() and not target.is_file():
        raise OSError(errno.EINVAL, "it is no ordinary file", str(path))
    return target, target.with_name(f".{target.name[:100]}.{os.urandom(6).hex()}.part")


def reason_of(error: OSError, path: str | Path) -> str:
    """Why reading or writing `path` failed, as the rest of a sentence."""
    if error.errno == errno.ENOENT:
        folder = Path(path).absolute().parent
        return "there is no such file" if folder.is_dir() else f"there is no folder '{folder}'"
    return _REASONS.get(error.errno or 0, (error.strerror or str(error)).lower())


def _sync_folder(folder: Path) -> None:
    """Make the new name last over a power cut; only Unix can."""
    if os.name != "posix":
        return
    with contextlib.suppress(OSError):
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
