"""Downloads that can be trusted: mirrors, resume after a cut, checksums, and archives unpacked safely.

pooch downloads in one go and throws a cut file away; CartoonSet 100k is some gigabytes, so the transfer is written
here, on requests. Nothing ever lies under its final name that is not whole and checked.

When the publisher gives no checksum there is trust on first use: the digest of the first good download is
kept beside the file (``NAME.sha256``, the format of ``sha256sum``), and every later one must have the same.
What the server itself announces (Google Cloud Storage: MD5, Hugging Face: SHA-256) is checked then, too.
"""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Callable, Sequence
from pathlib import Path

import pooch
import requests
from filelock import FileLock
from tqdm.auto import tqdm

__all__ = ["ChecksumError", "DownloadError", "fetch"]

CHUNK = 1 << 15         # bytes a write: as much can a cut or a kill lose
TIMEOUT = (10, 60)      # seconds to connect, seconds without a byte

Validate = Callable[[Path], None]
Digest = tuple[str, str]    # algorithm, hexadecimal digits


class DownloadError(OSError):
    """No address gave the file; the message tells what each one answered."""


class ChecksumError(DownloadError, ValueError):
    """A file arrived, but not the expected one."""


def fetch(urls: Sequence[str], path: str | Path, *, sha256: str | None, progress: bool = True,
          validate: Validate | None = None) -> Path:
    """Download a file from the first address that gives it whole, unless it is there already.

    A cut transfer is kept as ``NAME.part`` and continued, by the same call or a later one. Bytes are only
    added to earlier ones where something proves that both belong together: the server's own validator (ETag,
    Last-Modified) for the same address, or ``sha256``.

    Parameters
    ----------
    urls : sequence of str
        Mirrors, tried in order.
    path : str or Path
        Where the file goes, whole and checked; folders are made. It is returned.
    sha256 : str or None
        64 hexadecimal digits; None trusts the first download and checks later ones against it.
    progress : bool
        Show a progress bar.
    validate : callable, optional
        Gets the finished file before it is accepted; its ValueError sends the download to the next address
        (a login page in place of an archive, say).

    Raises
    ------
    ValueError
        If ``urls`` or ``sha256`` is malformed.
    ChecksumError
        If what arrived was not the expected file. Also a ValueError.
    DownloadError
        If no address could be reached, or none had the file.
    """
    if isinstance(urls, str) or not urls:
        raise ValueError(f"urls must be a sequence of at least one address, got {urls!r}")
    if sha256 is not None and not re.fullmatch(r"[0-9a-fA-F]{64}", sha256):
        raise ValueError(f"sha256 must be 64 hexadecimal digits or None, got {sha256!r}")
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    with FileLock(f"{path}.lock"):
        expected = sha256.lower() if sha256 else remembered(path)
        if path.exists() and intact(path, expected, validate):
            if not expected:
                remember(path, path)
            return path
        failures: list[tuple[str, Exception]] = []
        part = path.with_name(path.name + ".part")
        for url in urls:
            try:
                obtain(url, part, expected, validate, progress)
            except (requests.RequestException, DownloadError) as error:
                failures.append((url, error))
                continue
            if not expected:
                remember(path, part)
            part.replace(path)
            origin_file(part).unlink(missing_ok=True)
            return path
    raise summary(path, failures)


def remembered(path: Path) -> str | None:
    """The digest kept beside a file, if there is one."""
    note = path.with_name(path.name + ".sha256")
    found = re.match(r"[0-9a-f]{64}\b", note.read_text("utf-8")) if note.exists() else None
    return found.group() if found else None


def remember(path: Path, content: Path) -> None:
    """Keep the digest of ``content`` beside ``path``."""
    note = path.with_name(path.name + ".sha256")
    partial = note.with_name(note.name + ".part")
    partial.write_text(f"{pooch.file_hash(str(content))}  {path.name}\n", "utf-8")
    partial.replace(note)


def forget(path: Path) -> None:
    """Remove a downloaded file and its remembered digest, so that the next download starts anew."""
    for name in (path.name, path.name + ".sha256"):
        path.with_name(name).unlink(missing_ok=True)


def intact(path: Path, expected: str | None, validate: Validate | None) -> bool:
    """Whether a file that is already there can be used as it is."""
    try:
        check(path, str(path), ("sha256", expected) if expected else None, validate)
    except ChecksumError:
        return False
    return True


def check(path: Path, source: str, expected: Digest | None, validate: Validate | None) -> None:
    """Compare a file with a digest and with the caller's own test; a ChecksumError names its source."""
    if expected:
        algorithm, digest = expected
        got = pooch.file_hash(str(path), alg=algorithm)
        if got != digest:
            raise ChecksumError(f"{source}: expected {algorithm} {digest}, got {got}")
    if validate:
        try:
            validate(path)
        except ValueError as error:
            raise ChecksumError(f"{source}: {error}") from error


def obtain(url: str, part: Path, expected: str | None, validate: Validate | None, progress: bool) -> None:
    """Fill ``part`` from one address and check it; a file that fails is thrown away."""
    continued = part.exists()
    announced = receive(url, part, expected is not None, progress)
    try:
        check(part, url, ("sha256", expected) if expected else announced, validate)
    except ChecksumError:
        discard(part)
        if not continued:
            raise
        # the bytes of an earlier call may have been another file's: once more, from nothing
        obtain(url, part, expected, validate, progress)


def receive(url: str, part: Path, checksum_known: bool, progress: bool) -> Digest | None:
    """Ask until the file is whole: after a cut again, for as long as each request brings new bytes."""
    while True:
        before = size_of(part)
        try:
            return request_rest(url, part, checksum_known, progress)
        except requests.RequestException:
            if size_of(part) <= before:
                raise


def request_rest(url: str, part: Path, checksum_known: bool, progress: bool) -> Digest | None:
    """One request for what is missing; returns the digest the server announces for the whole file, if any."""
    validator = read_origin(part, url)
    start = size_of(part) if checksum_known or validator else 0     # from nothing where nothing would prove the join
    headers = {"Accept-Encoding": "identity"}
    if start:
        headers["Range"] = f"bytes={start}-"
        if validator:
            headers["If-Range"] = validator   # a changed file comes whole, with status 200
    with requests.get(url, headers=headers, stream=True, timeout=TIMEOUT) as response:
        if start and response.status_code in (206, 416):
            offered = re.match(r"bytes (\d+|\*)\D.*?(\d+)$", response.headers.get("Content-Range", ""))
            if offered and offered.groups() == ("*", str(start)):
                return announced_digest(response)                   # nothing is missing
            if not offered or offered.group(1) != str(start):
                discard(part)                                       # not the bytes asked for: from nothing
                return request_rest(url, part, checksum_known, progress)
        response.raise_for_status()
        write(response, part, start if response.status_code == 206 else 0, url, progress)
        return announced_digest(response)


def write(response: requests.Response, part: Path, start: int, url: str, progress: bool) -> None:
    """Append a response's body to the first ``start`` bytes of ``part``; a short one is a ConnectionError."""
    length = response.headers.get("Content-Length")
    total = start + int(length) if length else None
    bar = tqdm(total=total, initial=start, desc=part.stem, unit="B", unit_scale=True, disable=not progress)
    with bar, part.open("ab" if start else "wb", buffering=0) as file:
        write_origin(part, url, response)
        for block in response.iter_content(CHUNK):
            file.write(block)
            bar.update(len(block))
    if total is not None and size_of(part) < total:     # urllib3 notices it itself only from version 2 on
        raise requests.ConnectionError(f"connection closed after {size_of(part):,} of {total:,} bytes")


def announced_digest(response: requests.Response) -> Digest | None:
    """What the server says of the whole file: Hugging Face's SHA-256 or Google Cloud Storage's MD5."""
    for answer in (response, *response.history):
        linked = re.fullmatch(r'"?([0-9a-f]{64})"?', answer.headers.get("X-Linked-ETag", ""))
        if linked:
            return "sha256", linked.group(1)
        stored = re.search(r"md5=([\w+/]{22}==)", answer.headers.get("x-goog-hash", ""))
        if stored:
            return "md5", base64.b64decode(stored.group(1)).hex()
    return None


def origin_file(part: Path) -> Path:
    """Where it is noted which address, and which version of its file, ``part`` came from."""
    return part.with_name(part.name + ".json")


def write_origin(part: Path, url: str, response: requests.Response) -> None:
    """Note the address and its validator: a strong ETag, else the date (RFC 9110, section 13.1.5)."""
    etag = response.headers.get("ETag", "")
    validator = etag if etag.startswith('"') else response.headers.get("Last-Modified")
    origin_file(part).write_text(json.dumps({"url": url, "validator": validator}), "utf-8")


def read_origin(part: Path, url: str) -> str | None:
    """The validator noted for ``part``, if it came from this address."""
    try:
        origin = json.loads(origin_file(part).read_text("utf-8"))
    except (OSError, ValueError):
        return None
    return origin["validator"] if origin["url"] == url else None


def discard(part: Path) -> None:
    """Remove an unfinished download."""
    part.unlink(missing_ok=True)
    origin_file(part).unlink(missing_ok=True)


def size_of(path: Path) -> int:
    """Bytes in a file, 0 if there is none."""
    return path.stat().st_size if path.exists() else 0


def summary(path: Path, failures: Sequence[tuple[str, Exception]]) -> DownloadError:
    """One error for all addresses: a ChecksumError if any of them gave a wrong file."""
    wrong = any(isinstance(error, ChecksumError) for _, error in failures)
    told = "\n".join(f"  {error}" if url in str(error) else f"  {url}: {error}" for url, error in failures)
    begun = size_of(path.with_name(path.name + ".part"))
    kept = f"\nThe first {begun:,} bytes are kept; the next call continues them." if begun else ""
    return (ChecksumError if wrong else DownloadError)(f"could not download {path.name}:\n{told}{kept}")
