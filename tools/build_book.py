"""Build the book in _build/html: run the chapters whose result is not yet known, then check every page.

    python tools/build_book.py        # what `make book` calls

Chapters run side by side, one on each core: a single one gains little from a second.
Jupyter Book keeps the outputs of a chapter until its own cells change. A chapter also depends on the
library, its weights, the pinned packages and the preset, so this forgets all outputs when one of these has
changed. All pages are read again each time, with warnings as errors: an incremental build hides them.
"""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import subprocess
import sys
import time
from pathlib import Path

import yaml
from check_book import check
from jupyter_cache import get_cache
from jupyter_cache.executors import load_executor
from PIL import Image
from studio_assets import write_assets

ROOT = Path(__file__).resolve().parent.parent
BUILD = ROOT / "_build"
JUPYTER_BOOK = "from jupyter_book.cli.main import main; main()"   # of this very environment, on any system
# What a screen reader would be told wrongly, and what stands there instead: docutils' bibliography is no list without
# entries; the theme names what can be read already, by other words, and its three icons of one button.
MENDED = ((r'<div role="list" class="citation-list">', '<div class="citation-list">'),
          (r'<summary aria-label="Toggle hidden content">', "<summary>"),
          (r'(<button class="btn search-button-field[^>]*?) aria-label="Search"', r"\1"),
          (r'(<i class="theme-switch [^>]*?)\s+title="[^"]*"', r"\1"))
PICTURE = re.compile(r'<img (?!loading=)(?=[^>]*src="((?:\.\./)*_images/[^"]+\.(?:png|jpg|webp))")'
                     r"(?![^>]*(?:width|style)=)")
ICON = re.compile(r'"?([\w-]+)"?:\[\d+,\d+,(\[[^\]]*\]),"[0-9a-f]+",(?:"[^"]*"|\[[^\]]*\])\],?')
CODE = (".py", ".json", ".csv", ".safetensors")


def library_digest(root: Path, preset: str) -> str:
    """SHA-256 over all that changes a chapter's outputs beside its own cells."""
    files = [path for path in (root / "avatarlib").rglob("*") if path.is_file() and path.suffix in CODE]
    digest = hashlib.sha256(f"preset={preset};python={sys.version}".encode())
    for path in sorted([*files, root / "requirements.txt"]):
        digest.update(path.relative_to(root).as_posix().encode() + b"\0")
        digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()


def forget_stale_outputs(build: Path, digest: str) -> bool:
    """Empty the cache of executed chapters unless it was filled under the same digest.

    Returns
    -------
    bool
        True if there was something to forget.
    """
    stamp = build / ".library-digest"
    if stamp.exists() and stamp.read_text(encoding="utf-8") == digest:
        return False
    stale = (build / ".jupyter_cache").exists()
    shutil.rmtree(build / ".jupyter_cache", ignore_errors=True)
    build.mkdir(exist_ok=True)
    stamp.write_text(digest, encoding="utf-8")   # before the run: what follows is cached under it
    return stale


def run_chapters(build: Path, root: Path) -> None:
    """Run the book's notebooks that the cache does not hold, one on each core and with one thread each.

    One that fails is not kept: Jupyter Book then runs it once more and reports what is wrong.
    """
    cache = get_cache(str(build / ".jupyter_cache"))
    for notebook in sorted((root / "notebooks").glob("*.ipynb"), key=lambda path: -path.stat().st_size):
        cache.add_nb_to_project(str(notebook))
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    settings = yaml.safe_load((root / "_config.yml").read_text(encoding="utf-8"))["execute"]
    load_executor("local-parallel", cache).run_and_cache(timeout=settings["timeout"])


def mend(html: Path) -> int:
    """Put right, on every page, what Sphinx and the theme tell screen readers wrongly (``MENDED``).

    Returns
    -------
    int
        How many pages had something.
    """
    mended = 0
    for page in html.rglob("*.html"):
        text = better = page.read_text(encoding="utf-8")
        for wrong, right in MENDED:
            better = re.sub(wrong, right, better)
        if better != text:
            page.write_text(better, encoding="utf-8")
            mended += 1
    return mended


def load_when_seen(html: Path) -> int:
    """Let each page load its pictures as the reader comes to them, and keep their places free until then.

    Returns
    -------
    int
        How many pictures were told so.
    """
    told = 0
    for page in html.rglob("*.html"):
        def attributes(match: re.Match[str], folder: Path = page.parent) -> str:
            with Image.open(folder / match[1]) as picture:
                return f'<img loading="lazy" width="{picture.width}" height="{picture.height}" '

        text, found = PICTURE.subn(attributes, page.read_text(encoding="utf-8"))
        if found:
            page.write_text(text, encoding="utf-8")
        told += found
    return told


def keep_used_icons(html: Path) -> int:
    """Take out of the theme's file of all 2,000 icons, which each page loads, those that no page or script names.

    Returns
    -------
    int
        How many are left.
    """
    icons = html / "_static" / "scripts" / "fontawesome.js"
    kinds = ("**/*.html", "_static/*.js", "_static/scripts/*.js")
    files = {path for kind in kinds for path in html.glob(kind)} - {icons}
    used = {name for path in files for name in re.findall(r"\bfa-([a-z0-9-]+)", path.read_text(encoding="utf-8"))}
    left = []

    def keep(match: re.Match[str]) -> str:
        if used.isdisjoint([match[1], *re.findall(r'"([^"]+)"', match[2])]):
            return ""
        left.append(match[1])
        return match[0]

    icons.write_text(ICON.sub(keep, icons.read_text(encoding="utf-8")), encoding="utf-8")
    return len(left)


def main() -> int:
    """Build and check; return the exit status."""
    start = time.monotonic()
    preset = os.environ.setdefault("AVATARLIB_PRESET", "quick")
    if forget_stale_outputs(BUILD, library_digest(ROOT, preset)):
        print("avatarlib, its weights, the packages or the preset changed: the chapters will run again")
    run_chapters(BUILD, ROOT)
    write_assets(BUILD / "static" / "studio")
    shutil.rmtree(BUILD / "html", ignore_errors=True)   # no page of an earlier book stays behind
    command = [sys.executable, "-c", JUPYTER_BOOK, "build", str(ROOT), "--all", "-W", "-n", "--keep-going"]
    status = subprocess.run(command, cwd=ROOT, check=False).returncode
    if status:
        reports = sorted((BUILD / "html" / "reports").rglob("*.err.log"))
        for report in reports:
            print(f"\n== {report.relative_to(ROOT)}\n{report.read_text(encoding='utf-8')}", file=sys.stderr)
        return status
    mend(BUILD / "html")
    load_when_seen(BUILD / "html")
    keep_used_icons(BUILD / "html")
    problems = check(BUILD / "html")
    for problem in problems:
        print(problem, file=sys.stderr)
    minutes, seconds = divmod(round(time.monotonic() - start), 60)
    print(f"{len(problems)} problems found on the pages; built in {minutes} min {seconds} s at preset {preset}")
    print("Open _build/html/index.html, or run: make serve")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
