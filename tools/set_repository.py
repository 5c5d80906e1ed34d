"""Put a repository's address in the place of the placeholder, in every file of the project.

    python tools/set_repository.py NAME/REPOSITORY

The book's links, its badges and the installing cell of each chapter name the repository. A fork runs this
once; the Pages workflow runs it on each build. Files are found with git, so ignored ones stay untouched.
"""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
OWNER, NAME = "OWN" + "ER", "avatar-gans"   # in two parts, so that this file is not changed itself
VALID = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,38})/[A-Za-z0-9._-]{1,100}")


def replacements(repository: str) -> dict[str, str]:
    """Each form of the placeholder -> the same of ``repository``.

    Raises
    ------
    ValueError
        If ``repository`` is not of the form NAME/REPOSITORY.
    """
    if not VALID.fullmatch(repository):
        raise ValueError(f"repository must be of the form NAME/REPOSITORY, got {repository!r}")
    owner, name = repository.split("/")
    host = f"{owner.lower()}.github.io"
    pages = host if name.lower() == host else f"{host}/{name}"   # a user's own site has no folder
    return {f"{OWNER}.github.io/{NAME}": pages, f"{OWNER}/{NAME}": repository}


def texts(root: Path) -> dict[Path, str]:
    """All files with text that git knows below ``root``, and what they hold."""
    listed = subprocess.run(["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"], cwd=root,
                            check=True, capture_output=True).stdout.decode()
    found = {}
    for path in (root / name for name in sorted(set(listed.split("\0"))) if name):
        try:
            found[path] = path.read_bytes().decode("utf-8")
        except (UnicodeDecodeError, OSError):   # a picture, weights, or a file that is gone
            continue
    return found


def replaced(text: str, table: dict[str, str]) -> str:
    """A text with each form of the placeholder replaced."""
    for old, new in table.items():
        text = text.replace(old, new)
    return text


def set_repository(repository: str, root: Path) -> list[Path]:
    """Replace the placeholder in all files that git knows below ``root``; return the changed ones."""
    table = replacements(repository)
    changed = {path: after for path, before in texts(root).items() if (after := replaced(before, table)) != before}
    for path, after in changed.items():
        path.write_bytes(after.encode("utf-8"))
    return list(changed)


def main() -> None:
    """Change the files and name them."""
    if len(sys.argv) != 2:
        raise SystemExit("usage: python tools/set_repository.py NAME/REPOSITORY")
    try:
        changed = set_repository(sys.argv[1], ROOT)
    except ValueError as error:
        raise SystemExit(str(error)) from None
    for path in changed:
        print(path.relative_to(ROOT).as_posix())
    print(f"{len(changed)} files changed")


if __name__ == "__main__":
    main()
