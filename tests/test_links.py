"""tools/check_links.py against a server on this machine; no other host is asked."""

import http.server
import socket
import threading
from collections import Counter

import check_links
import pytest


class Site(http.server.BaseHTTPRequestHandler):
    """/ok is there, /moved leads to it, /busy is busy twice, and all else is not there."""

    asked: Counter

    def do_GET(self):
        self.asked[self.path] += 1
        busy = self.path == "/busy" and self.asked[self.path] <= 2
        status = 503 if busy or self.path == "/down" else {"/ok": 200, "/busy": 200, "/moved": 302}.get(self.path, 404)
        self.send_response(status)
        if status == 302:
            self.send_header("Location", "/ok")
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *args):
        pass


@pytest.fixture
def site(monkeypatch):
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    monkeypatch.setattr(Site, "asked", Counter(), raising=False)
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Site) as server:
        server.daemon_threads = True
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_address[1]}"
        server.shutdown()


def book(folder, *addresses):
    """A built book of one page with these links."""
    (folder / "a").mkdir()
    links = "".join(f'<a href="{address}">x</a>' for address in addresses)
    (folder / "a" / "page.html").write_text(f"<p>{links}<a id='no address'>x</a></p>", encoding="utf-8")
    return folder


def test_what_answers_is_no_problem_though_it_moved_or_was_busy(site, tmp_path):
    assert check_links.check(book(tmp_path, f"{site}/ok", f"{site}/moved", f"{site}/busy"), wait=0) == []
    assert Site.asked == {"/ok": 2, "/moved": 1, "/busy": 3}


def test_what_is_gone_is_named_with_its_page(site, tmp_path):
    assert check_links.check(book(tmp_path, f"{site}/gone"), wait=0) == [
        f"{site}/gone answers 404; a/page.html links to it"]


def test_a_host_that_stays_busy_is_given_up(site, tmp_path):
    (problem,) = check_links.check(book(tmp_path, f"{site}/down"), wait=0)
    assert problem.startswith(f"{site}/down answers 503")
    assert Site.asked["/down"] == 4


def test_a_host_that_is_not_there_is_named(tmp_path, monkeypatch):
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))        # and nobody listens
        address = f"http://127.0.0.1:{taken.getsockname()[1]}/"
        (problem,) = check_links.check(book(tmp_path, address), wait=0)
    assert problem.startswith(f"{address} cannot be reached (ConnectionError)")


def test_an_address_is_asked_once_and_the_book_itself_not_at_all(site, tmp_path):
    check_links.check(book(tmp_path, f"{site}/ok#a", f"{site}/ok#b", "other.html", "#here", "mailto:a@b.org"), wait=0)
    assert Site.asked == {"/ok": 1}


@pytest.mark.parametrize("address", ["https://x.com/a", "https://www.instagram.com/a/",
                                     "https://github.com/a/b/edit/main/c.md",
                                     "https://github.com/a/b/issues/new?title=c"])
def test_an_address_whose_answer_would_say_nothing_is_not_asked(site, tmp_path, address):
    assert check_links.reason_not_to_ask(address)
    assert check_links.check(book(tmp_path, address, f"{site}/ok"), wait=0) == []


@pytest.mark.parametrize("address", ["https://xx.com/", "https://github.com/a/b", "https://github.com/a/b/blob/main/edit/"])
def test_other_addresses_are_asked(address):
    assert check_links.reason_not_to_ask(address) is None


def test_a_folder_without_links_is_an_error(tmp_path):
    with pytest.raises(ValueError, match="has no links: run make book first"):
        check_links.check(tmp_path)
