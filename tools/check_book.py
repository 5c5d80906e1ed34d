"""Look at every built page for what a reader without a network would miss.

    python tools/check_book.py [_build/html]

Finds scripts, styles, fonts and pictures from other hosts, local files that are not there (the picture that other sites
show with a link, too), figures without alt text, and paths of the machine that built the book.
"""

from __future__ import annotations

import re
import sys
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

ROOT = Path(__file__).resolve().parent.parent
LOADS = {"script": ("src",), "img": ("src", "srcset"), "source": ("src", "srcset"), "iframe": ("src",),
         "video": ("src", "poster"), "audio": ("src",), "embed": ("src",), "object": ("data",),
         "image": ("href", "xlink:href")}
LOADING_RELS = {"stylesheet", "preload", "prefetch", "modulepreload", "icon", "shortcut", "manifest",
                "preconnect", "dns-prefetch", "apple-touch-icon"}
CSS_URL = re.compile(r"""(?:url\(\s*|@import\s+)["']?([^"')\s;]+)""")
MACHINE_PATH = re.compile(r"/(?:home|Users)/\w[\w.-]*/|[A-Z]:\\+Users\\+|/root/|ipykernel_\d+")


class Page(HTMLParser):
    """Collects what a page loads, its pictures' alt texts, and its inline styles."""

    def __init__(self) -> None:
        super().__init__()
        self.loads: list[str] = []
        self.without_alt: list[str] = []
        self.styles: list[str] = []
        self._in_style = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        for name in LOADS.get(tag, ()):
            values = given.get(name, "")
            parts = [part.split()[0] for part in values.split(", ") if part.strip()] if name == "srcset" else [values]
            self.loads += [part for part in parts if part]
        if tag == "link" and LOADING_RELS & set(given.get("rel", "").split()):
            self.loads.append(given.get("href", ""))
        if tag == "meta" and given.get("property") == "og:image":     # an address on the book's own site
            self.loads.append("/_static/" + given.get("content", "").rpartition("/_static/")[2])
        if tag == "img" and not has_alt_text(given):
            self.without_alt.append(given.get("src", "")[:80])
        self._in_style = tag == "style"
        self.styles.append(given.get("style", ""))

    def handle_data(self, data: str) -> None:
        if self._in_style:
            self.styles.append(data)

    def handle_endtag(self, tag: str) -> None:
        self._in_style = False


def has_alt_text(given: dict[str, str]) -> bool:
    """Whether a picture is described; Sphinx gives a picture without alt text its own path."""
    alt = given.get("alt", "").strip()
    return bool(alt) and Path(alt).name != Path(given.get("src", "")).name


def problem_with(address: str, folder: Path, html: Path) -> str | None:
    """What is wrong with an address that a file in ``folder`` loads; None if nothing is."""
    parts = urlsplit(address)
    if parts.scheme == "data" or address.startswith("#"):
        return None
    if parts.scheme or parts.netloc:
        return f"loads {address} from another host"
    base = html if parts.path.startswith("/") else folder
    path = base / unquote(parts.path).lstrip("/")
    return None if path.is_file() else f"loads {address}, which is not there"


def check_page(path: Path, html: Path) -> list[str]:
    """All problems of one page."""
    text = path.read_text(encoding="utf-8")
    page = Page()
    page.feed(text)
    addresses = page.loads + [url for style in page.styles for url in CSS_URL.findall(style)]
    found = [problem_with(address, path.parent, html) for address in addresses]
    found += [f"has a picture without alt text: {source}" for source in page.without_alt]
    return [problem for problem in found if problem] + machine_paths(text)


def machine_paths(text: str) -> list[str]:
    """Paths of this or of some other machine in a text."""
    known = {str(ROOT), ROOT.as_posix(), str(Path.home())} - {"/"}
    found = {match.group() for match in MACHINE_PATH.finditer(text)} | {path for path in known if path in text}
    return [f"tells a path of the machine: {path}" for path in sorted(found)]


def check_style(path: Path, html: Path) -> list[str]:
    """All problems of one style sheet."""
    addresses = CSS_URL.findall(path.read_text(encoding="utf-8"))
    return [problem for address in addresses if (problem := problem_with(address, path.parent, html))]


def check(html: Path) -> list[str]:
    """All problems of a built book, one line each.

    Parameters
    ----------
    html : Path
        Folder of the built pages.

    Raises
    ------
    ValueError
        If there are no pages in it.
    """
    pages = [path for path in sorted(html.rglob("*.html")) if path.relative_to(html).parts[0] != "_static"]
    if not pages:   # (what lies in _static are the theme's templates)
        raise ValueError(f"html must be the folder of a built book, and {html} has no pages: run make book first")
    problems = [(path, problem) for path in pages for problem in check_page(path, html)]
    problems += [(path, problem) for path in sorted(html.rglob("*.css")) for problem in check_style(path, html)]
    return [f"{path.relative_to(html).as_posix()} {problem}" for path, problem in problems]


if __name__ == "__main__":
    found = check(Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / "_build" / "html")
    print("\n".join(found) or "no problems")
    sys.exit(bool(found))
