"""A small web server on this machine, with the faults that real ones have."""

from __future__ import annotations

import re
import threading
import time
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest


@dataclass
class Web:
    """What the server has, how it behaves, and what it was asked."""

    files: dict[str, bytes] = field(default_factory=dict)
    headers: dict[str, str] = field(default_factory=dict)       # added to every answer
    ranges: bool = True             # whether it understands Range
    etag: str | None = '"v1"'
    cut: int | None = None          # close the connection after so many bytes of each answer
    pause: float = 0.0              # seconds between blocks of 16 KiB
    log: list[tuple[str, str | None, int]] = field(default_factory=list)   # path, Range, bytes sent
    address: str = ""

    def url(self, name: str) -> str:
        return f"{self.address}/{name}"

    @property
    def sent(self) -> list[int]:
        return [count for _, _, count in self.log]


class Handler(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        web: Web = self.server.web
        content = web.files.get(self.path.lstrip("/"))
        if content is None:
            web.log.append((self.path, self.headers["Range"], 0))
            self.send_error(404)
            return
        asked = re.match(r"bytes=(\d+)-", self.headers["Range"] or "")
        start = int(asked.group(1)) if asked and web.ranges and self.fresh(web) else 0
        if asked and start >= len(content):
            self.answer(416, b"", {"Content-Range": f"bytes */{len(content)}"})
            return
        extra = {"Content-Range": f"bytes {start}-{len(content) - 1}/{len(content)}"} if start else {}
        self.answer(206 if start else 200, content[start:], extra)

    def fresh(self, web: Web) -> bool:
        return self.headers["If-Range"] in (None, web.etag)

    def answer(self, status: int, body: bytes, extra: dict[str, str]) -> None:
        web: Web = self.server.web
        sent, entry = 0, len(web.log)           # noted before the client can know the answer
        web.log.append((self.path, self.headers["Range"], 0))
        self.send_response(status)
        for name, value in {**extra, **web.headers, "Content-Length": str(len(body))}.items():
            self.send_header(name, value)
        if web.etag:
            self.send_header("ETag", web.etag)
        self.end_headers()
        for begin in range(0, min(len(body), web.cut or len(body)), 16384):
            block = body[begin:min(begin + 16384, web.cut or len(body))]
            sent += len(block)
            web.log[entry] = (self.path, self.headers["Range"], sent)
            try:
                self.wfile.write(block)
            except OSError:         # the client was killed
                return
            time.sleep(web.pause)

    def log_message(self, *args: object) -> None:
        pass


@pytest.fixture
def web(monkeypatch):
    """A running server; its attributes may be changed while it runs."""
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        server.web = Web(address=f"http://127.0.0.1:{server.server_address[1]}")
        thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
        thread.start()
        yield server.web
        server.shutdown()
        thread.join()
