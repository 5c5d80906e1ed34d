"""Write what the avatar studio and the glossary's tips load and the book does not hold by hand.

    python tools/studio_assets.py     # also called by tools/build_book.py; unchanged files are left alone
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable
from functools import partial
from pathlib import Path

import glossary_tips
import studio_heads
import studio_networks
import studio_words
from vendor import STUDIO

from avatarlib import pretrained
from avatarlib.training.files import write_atomically

ROOT = Path(__file__).resolve().parent.parent
TARGET = ROOT / "_build" / "static" / "studio"
LIBRARY, TOOLS = ROOT / "avatarlib", ROOT / "tools"
EXPORTER = (LIBRARY / "onnx_export", LIBRARY / "models", LIBRARY / "pretrained" / "__init__.py",
            TOOLS / "studio_networks.py", ROOT / "requirements.txt")
SPEAKER = (LIBRARY / "text", LIBRARY / "data" / "tags.py", LIBRARY / "data" / "drawn", TOOLS / "studio_words.py")

# File -> what writes it, and the files and folders of which that is made.
ASSETS: dict[str, tuple[Callable[[], str], tuple[Path, ...]]] = {
    "runtime.js": (studio_networks.runtime_script, (STUDIO, TOOLS / "studio_networks.py")),
    "runtime.LICENSE.txt": (studio_networks.licences, (STUDIO,)),
    "heads.js": (studio_heads.heads_script, (ROOT / "data" / "faces", LIBRARY / "data" / "faceset",
                                             TOOLS / "studio_heads.py")),
    "vocabulary.js": (studio_words.vocabulary_script, SPEAKER),
    "glossary.js": (glossary_tips.glossary_script, (glossary_tips.GLOSSARY, TOOLS / "glossary_tips.py")),
    **{f"{name}.js": (partial(studio_networks.network_script, name), (*EXPORTER, pretrained.path(name)))
       for name in studio_networks.NETWORKS}}


def digest_of(sources: Iterable[Path]) -> str:
    """SHA-256 over files, and over all files of folders but Python's compiled ones, whatever their dates."""
    digest = hashlib.sha256()
    for source in sources:
        for path in sorted(source.rglob("*")) if source.is_dir() else [source]:
            if path.is_file() and "__pycache__" not in path.parts:
                digest.update(path.relative_to(ROOT).as_posix().encode() + b"\0")
                digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()


def write_assets(target: Path = TARGET) -> list[str]:
    """Bring ``target`` up to date and return the names of the files that were written.

    Beside each file lies, hidden, the digest of what it was made of. Files of other names are removed.
    """
    target.mkdir(parents=True, exist_ok=True)
    for path in target.iterdir():
        if path.name.removeprefix(".").removesuffix(".sha256") not in ASSETS:
            path.unlink()
    written = []
    for name, (make, sources) in ASSETS.items():
        digest, stamp = digest_of(sources), target / f".{name}.sha256"
        if (target / name).exists() and stamp.exists() and stamp.read_text(encoding="utf-8") == digest:
            continue
        text = make()
        write_atomically(target / name, lambda partial, text=text: partial.write_text(text, encoding="utf-8"))
        stamp.write_text(digest, encoding="utf-8")
        written.append(name)
    return written


if __name__ == "__main__":
    for made in write_assets():
        print(f"{made}: {(TARGET / made).stat().st_size / 1e6:.1f} MB")
