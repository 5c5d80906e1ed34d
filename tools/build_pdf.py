"""Print the built book as one PDF, _build/html/cartoon-avatar-gans.pdf, with Chromium.

    python tools/build_pdf.py         # what `make pdf` calls, after `make book`

LaTeX would drop what the pages have as HTML: tables of results, solutions and quizzes; and it cannot read their WebP
pictures. So all pages become one document, which Chromium prints three times: once for the formulas, once to learn on
which page each section starts, and once with these numbers in the table of contents. ``tools/pdf.css`` sets the type.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from html import escape
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urljoin, urlsplit

import yaml
from bs4 import BeautifulSoup, Tag  # comes with Jupyter Book

if TYPE_CHECKING:
    from pypdf import PdfReader

ROOT = Path(__file__).resolve().parent.parent
HTML = ROOT / "_build" / "html"
PDF = HTML / "cartoon-avatar-gans.pdf"      # beside the pages, and gone with them when they are built anew
WITHOUT = ("book/studio", "book/api")       # a program, and a reference to look things up in: links lead to the site
# Buttons, scripts, anchors for a mouse, and what is folded away on the page (code that only draws a plot).
DROPPED = "script, button, .headerlink, .toctree-wrapper, details.hide"
STYLES = ("styles/theme.css", "styles/pydata-sphinx-theme.css", "styles/sphinx-book-theme.css", "pygments.css",
          "sphinx-design.min.css", "custom.css")
# As on the pages, where only what is marked is a formula; no menu and no second formula for screen readers on paper.
MATHJAX = """<script>
window.MathJax = {{options: {{processHtmlClass: "math", enableAssistiveMml: false, enableMenu: false}}}};
</script><script defer src="{}/_static/vendor/mathjax/tex-svg-full.js"></script>"""
WIDGET = 'script[type="application/vnd.jupyter.widget-view+json"]'
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "chrome")
ROOT_MAY = "--no-sandbox"                   # containers have no sandbox, and the page is our own
OFFLINE = "--host-resolver-rules=MAP * ~NOTFOUND"


def page_names(toc: Mapping) -> list[str]:
    """The book's pages in order, without those that are nothing on paper."""
    names = [toc["root"], *(chapter["file"] for part in toc["parts"] for chapter in part["chapters"])]
    return [name for name in names if name not in WITHOUT]


def anchor(name: str, fragment: str = "") -> str:
    """The id, in the one document, of a page or of a place on it."""
    return "--".join(part for part in (name.replace("/", "-"), fragment) if part)


def target(name: str, href: str, names: Sequence[str], site: str) -> str:
    """Where a link of the page ``name`` leads in the one document; what is not in it is on the book's site.

    Examples
    --------
    >>> names = ["book/intro", "book/glossary"]
    >>> target("book/intro", "glossary.html#mode", names, "https://example.org/")
    '#book-glossary--mode'
    >>> target("book/intro", "studio.html", names, "https://example.org/")
    'https://example.org/book/studio.html'
    """
    whole = urljoin(f"{name}.html", href)
    address = urlsplit(whole)
    page = address.path.removesuffix(".html")
    inside = page in names and not address.netloc
    return "#" + anchor(page, address.fragment) if inside else urljoin(site, whole)


def printable(page: str, name: str, names: Sequence[str], site: str, folder: Path) -> Tag:
    """The article of a page as paper can hold it; ``folder`` is where the built pages are.

    Nothing is left to press, solutions are unfolded, and links and pictures are found from anywhere.
    """
    soup = BeautifulSoup(page, "html.parser")
    article = soup.select_one("article.bd-article")
    if article is None:
        raise ValueError(f"page must hold an article.bd-article, got none in {name}")
    for widget in article.select(WIDGET):
        line = soup.new_tag("p", attrs={"class": "only-on-the-page"})
        line.append("A slider or a table to play with stands here on ")
        line.append(soup.new_tag("a", href=urljoin(site, f"{name}.html"), string="the page of this chapter"))
        line.append(".")
        widget.replace_with(line)
    for element in article.select(DROPPED):
        element.decompose()
    for details in article.select("details"):
        details["open"] = ""
    for element in article.select('[id]:not([id^="T_"])'):       # pandas styles its tables by their ids, T_...
        element["id"] = anchor(name, element["id"])
    for link in article.find_all("a", href=True):
        link["href"] = target(name, link["href"], names, site)
    for picture in article.select('img[src]:not([src^="data:"])'):
        picture["src"] = (folder / name).parent.joinpath(picture["src"]).resolve().as_uri()
        del picture["loading"]
    for head in article.select("th"):
        for text in head.find_all(string=True):
            text.replace_with(text.replace("_", "_\u200b"))      # a line may break there
    article["id"] = anchor(name)
    return article


def contents(articles: Sequence[Tag], numbers: Mapping[str, int]) -> str:
    """The table of contents: pages and their sections, and the number of the sheet on which each starts."""
    lines = []
    for article in articles:
        for heading in article.select("h1, h2"):
            section = heading.find_parent("section")
            place = article["id"] if heading.name == "h1" or section is None else section["id"]
            kind = "page" if heading.name == "h1" else "section"
            lines.append(f'<li class="{kind}"><a href="#{place}"><span>{escape(heading.get_text())}</span>'
                         f'<span class="number">{numbers.get(str(place), "")}</span></a></li>')
    return f'<nav id="table-of-contents"><p class="title">Contents</p><ul>{"".join(lines)}</ul></nav>'


def document(articles: Sequence[Tag], numbers: Mapping[str, int], config: Mapping, folder: Path, head: str) -> str:
    """The whole book as one HTML document; ``head`` is added to what its head holds."""
    static = (folder / "_static").as_uri()
    styles = [f"{static}/{name}" for name in STYLES] + [(ROOT / "tools" / "pdf.css").as_uri()]
    links = "".join(f'<link rel="stylesheet" href="{style}">' for style in styles)
    site = escape(config["html"]["baseurl"])
    title = escape(config["title"])
    cover = (f'<section class="cover"><img src="{static}/face.png" alt=""><p class="title">{title}</p>'
             f'<p>{escape(config["author"])}</p><p>The pages, with the sliders, the live pieces, the avatar studio and '
             f'the reference of the library: <a href="{site}">{site}</a></p>{config["html"]["extra_footer"]}</section>')
    return (f'<!DOCTYPE html><html lang="en" data-theme="light" data-mode="light"><head><meta charset="utf-8">'
            f'<title>{title}</title>{links}{head}</head><body><main class="bd-content">{cover}'
            f'{contents(articles, numbers)}{"".join(map(str, articles))}</main></body></html>')


def chromium(*arguments: str) -> str:
    """Run Chromium without a window; what it wrote to its standard output."""
    program = next(filter(None, map(shutil.which, BROWSERS)), None)
    if program is None:
        raise SystemExit("make pdf needs Chromium or Chrome, which was not found; on Debian: apt install chromium")
    with tempfile.TemporaryDirectory() as profile:
        done = subprocess.run([program, "--headless=new", ROOT_MAY, OFFLINE, f"--user-data-dir={profile}", *arguments],
                              capture_output=True, text=True, encoding="utf-8", check=False)
    if done.returncode:
        raise SystemExit(f"{program} failed:\n{done.stderr[-2000:]}")
    return done.stdout


def with_formulas(page: Path) -> BeautifulSoup:
    """The document with its formulas drawn by MathJax, which then is needed no more."""
    soup = BeautifulSoup(chromium("--virtual-time-budget=600000", "--dump-dom", page.as_uri()), "html.parser")
    bare = [math.get_text()[:60] for math in soup.select(".math") if not math.find("mjx-container")]
    if bare:
        raise SystemExit(f"{len(bare)} formulas were not drawn, the first is {bare[0]}")
    return soup


def reader(pdf: Path) -> PdfReader:
    """The printed book, to count in."""
    from pypdf import PdfReader

    return PdfReader(pdf)


def sheets(pdf: Path) -> dict[str, int]:
    """The number of the sheet, from 1, on which each place that something links to is."""
    book = reader(pdf)
    found = {name.lstrip("/"): book.get_destination_page_number(place)
             for name, place in book.named_destinations.items()}
    return {name: number + 1 for name, number in found.items() if number is not None}


def print_pdf(text: str, page: Path, pdf: Path) -> dict[str, int]:
    """Print a document, which is written to ``page``; where its places are."""
    page.write_text(text, encoding="utf-8")
    chromium("--no-pdf-header-footer", "--generate-pdf-document-outline", f"--print-to-pdf={pdf}", page.as_uri())
    return sheets(pdf)


def build(html: Path, pdf: Path, root: Path = ROOT) -> int:
    """Print the pages of ``html``; the number of sheets."""
    config = yaml.safe_load((root / "_config.yml").read_text(encoding="utf-8"))
    names = page_names(yaml.safe_load((root / "_toc.yml").read_text(encoding="utf-8")))
    articles = [printable((html / f"{name}.html").read_text(encoding="utf-8"), name, names, config["html"]["baseurl"],
                          html) for name in names]
    with tempfile.TemporaryDirectory() as folder:
        page = Path(folder, "book.html")
        page.write_text(document(articles, {}, config, html, MATHJAX.format(html.as_uri())), encoding="utf-8")
        drawn = with_formulas(page)
        head = "".join(map(str, drawn.select("head style")))
        articles = list(drawn.select("article"))
        numbers = print_pdf(document(articles, {}, config, html, head), page, pdf)
        if print_pdf(document(articles, numbers, config, html, head), page, pdf) != numbers:
            raise SystemExit("the numbers in the table of contents have moved what they count")
    return len(reader(pdf).pages)


def main() -> int:
    """Print the built book; return the exit status."""
    if not (HTML / "index.html").exists():
        print("There is no book yet: run make book first.", file=sys.stderr)
        return 1
    if find_spec("pypdf") is None:
        print("make pdf needs the Python package pypdf: pip install -e '.[pdf]'", file=sys.stderr)
        return 1
    print(f"{PDF.relative_to(ROOT)}: {build(HTML, PDF)} sheets, {PDF.stat().st_size / 1e6:.1f} MB")
    return 0


if __name__ == "__main__":
    sys.exit(main())
