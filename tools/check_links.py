"""Ask for every address outside the book that its pages link to, and name those that do not answer.

    python tools/check_links.py [_build/html]

For the weekly workflow: other hosts change without us, so no build and no test depends on this.
"""

from __future__ import annotations

import re
import sys
from concurrent.futures import ThreadPoolExecutor
from html.parser import HTMLParser
from pathlib import Path

import requests
from requests.adapters import HTTPAdapter
from urllib3.util import Retry

ROOT = Path(__file__).resolve().parent.parent
NOT_ASKED = {       # a pattern of addresses -> why an answer would say nothing
    r"https://(x|twitter)\.com/": "refuses programs",
    r"https://www\.instagram\.com/": "shows programs a log-in page, or refuses them",
    r"https://www\.figma\.com/": "refuses programs",
    r"https://dribbble\.com/": "refuses programs",
    r"https://github\.com/[^/]+/[^/]+/(edit/|issues/new)": "needs a log-in, whether the page is there or not",
}


class Links(HTMLParser):
    """Collects the addresses of other hosts that a page links to, without the part behind #."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        address = (dict(attrs).get("href") or "") if tag == "a" else ""
        if address.startswith(("http://", "https://")):
            self.found.append(address.partition("#")[0])


def linked(html: Path) -> dict[str, str]:
    """Address -> the first page that links to it, for all pages of a built book.

    Raises
    ------
    ValueError
        If ``html`` has no pages, or they link to no other host.
    """
    found: dict[str, str] = {}
    pages = (page for page in sorted(html.rglob("*.html")) if page.relative_to(html).parts[0] != "_static")
    for page in pages:      # (what lies in _static are the theme's templates)
        links = Links()
        links.feed(page.read_text(encoding="utf-8"))
        for address in links.found:
            found.setdefault(address, page.relative_to(html).as_posix())
    if not found:
        raise ValueError(f"html must be the folder of a built book, and {html} has no links: run make book first")
    return found


def reason_not_to_ask(address: str) -> str | None:
    """Why an address is left out; None if it is asked."""
    return next((reason for pattern, reason in NOT_ASKED.items() if re.match(pattern, address)), None)


def asker(wait: float) -> requests.Session:
    """A session that asks a busy host again, up to three times, after ``wait`` seconds, then twice as many, ..."""
    session = requests.Session()
    retry = Retry(total=3, backoff_factor=wait, status_forcelist=(429, 500, 502, 503, 504), raise_on_status=False)
    for scheme in ("http://", "https://"):
        session.mount(scheme, HTTPAdapter(max_retries=retry, pool_maxsize=8))
    session.headers["User-Agent"] = "Mozilla/5.0 (compatible; link check of a book, once a week)"
    return session


def problem_with(address: str, session: requests.Session) -> str | None:
    """What is wrong with an address; None if a page comes, also after being sent on."""
    try:
        with session.get(address, timeout=30, stream=True) as answer:
            return f"answers {answer.status_code}" if answer.status_code >= 400 else None
    except requests.RequestException as error:
        return f"cannot be reached ({type(error).__name__})"


def check(html: Path, wait: float = 2.0) -> list[str]:
    """All addresses of a built book that do not answer, one line each.

    Parameters
    ----------
    html : Path
        Folder of the built pages.
    wait : float
        Seconds before a busy host is asked again.

    Raises
    ------
    ValueError
        If ``html`` has no pages, or they link to no other host.
    """
    pages = {address: page for address, page in linked(html).items() if not reason_not_to_ask(address)}
    with asker(wait) as session, ThreadPoolExecutor(8) as several:
        problems = several.map(lambda address: problem_with(address, session), pages)
        return [f"{address} {problem}; {pages[address]} links to it"
                for address, problem in zip(pages, problems, strict=True) if problem]


def main() -> int:
    """Print what is left out and what is wrong; return the exit status."""
    html = Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / "_build" / "html"
    addresses = linked(html)
    for address in addresses:
        if reason := reason_not_to_ask(address):
            print(f"not asked: {address} {reason}")
    problems = check(html)
    print("\n".join(problems) or f"no problem among {len(addresses)} addresses")
    return bool(problems)


if __name__ == "__main__":
    sys.exit(main())
