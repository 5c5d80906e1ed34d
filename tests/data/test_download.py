"""Downloads: resume, mirrors, checksums, and archives that want out of their folder."""

from __future__ import annotations

import base64
import hashlib
import io
import stat
import subprocess
import sys
import tarfile
import time
import zipfile

import numpy as np
import pytest

from avatarlib.data.files import download
from avatarlib.data.files.archives import ArchiveError, extract
from avatarlib.data.files.download import CHUNK, ChecksumError, DownloadError, fetch

CONTENT = np.random.default_rng(0).bytes(300_000)
SHA256 = hashlib.sha256(CONTENT).hexdigest()
WRONG = hashlib.sha256(b"something else").hexdigest()


@pytest.fixture
def target(tmp_path, web):
    web.files["set.bin"] = CONTENT
    return tmp_path / "new" / "set.bin"


def get(urls, path, sha256=SHA256, **options):
    return fetch(urls, path, sha256=sha256, progress=False, **options)


def names(folder):
    return sorted(path.name for path in folder.iterdir() if path.suffix != ".lock")


def test_a_download_is_whole_and_a_second_call_asks_nothing(web, target):
    assert get([web.url("set.bin")], target).read_bytes() == CONTENT
    get([web.url("set.bin")], target)
    assert web.sent == [len(CONTENT)]
    assert names(target.parent) == ["set.bin"]


def test_a_connection_that_is_cut_again_and_again_is_continued(web, target):
    """Each answer breaks off after three blocks: 300,000 bytes are ten, so it takes four answers."""
    web.cut = 3 * CHUNK
    assert get([web.url("set.bin")], target).read_bytes() == CONTENT
    assert [asked for _, asked, _ in web.log] == [None] + [f"bytes={n * web.cut}-" for n in (1, 2, 3)]
    assert sum(web.sent) == len(CONTENT)


def test_a_cut_within_a_block_loses_at_most_that_block(web, target):
    web.cut = 100_000
    assert get([web.url("set.bin")], target).read_bytes() == CONTENT
    assert len(CONTENT) < sum(web.sent) < len(CONTENT) + 3 * CHUNK


def test_a_download_that_was_killed_is_continued(web, target):
    web.pause = 0.05
    # run from its file: importing the package would spend seconds on torch
    command = "import runpy, sys; fetch = runpy.run_path(sys.argv[1])['fetch']; " \
              "fetch([sys.argv[2]], sys.argv[3], sha256=sys.argv[4], progress=False)"
    child = subprocess.Popen([sys.executable, "-c", command, download.__file__, web.url("set.bin"),
                              str(target), SHA256])
    part = target.with_name("set.bin.part")
    deadline = time.monotonic() + 120
    while not (part.exists() and part.stat().st_size) and child.poll() is None and time.monotonic() < deadline:
        time.sleep(0.01)
    child.kill()
    child.wait()
    begun = part.stat().st_size
    assert 0 < begun < len(CONTENT)
    assert not target.exists()
    web.pause = 0.0
    assert get([web.url("set.bin")], target).read_bytes() == CONTENT
    assert web.log[-1] == ("/set.bin", f"bytes={begun}-", len(CONTENT) - begun)


def test_a_complete_part_needs_no_further_byte(web, target):
    target.parent.mkdir()
    target.with_name("set.bin.part").write_bytes(CONTENT)
    assert get([web.url("set.bin")], target).read_bytes() == CONTENT
    assert web.sent == [0]


def test_a_server_without_ranges_restarts_cleanly(web, target):
    target.parent.mkdir()
    target.with_name("set.bin.part").write_bytes(CONTENT[:1000])
    web.ranges = False
    assert get([web.url("set.bin")], target).read_bytes() == CONTENT
    assert web.log == [("/set.bin", "bytes=1000-", len(CONTENT))]


@pytest.mark.parametrize("length", [1000, 400_000])
def test_a_part_of_another_file_is_thrown_away_and_fetched_once_more(web, target, length):
    target.parent.mkdir()
    target.with_name("set.bin.part").write_bytes(bytes(length))
    assert get([web.url("set.bin")], target).read_bytes() == CONTENT
    assert len(web.log) == 2
    assert web.log[-1][1:] == (None, len(CONTENT))


def test_without_a_checksum_a_changed_file_is_not_joined_to_its_old_beginning(web, target):
    """The first half comes from version 1. The server's ETag tells that version 2 is another file."""
    web.cut = 100_000
    web.ranges = False
    with pytest.raises(DownloadError, match="kept"):
        get([web.url("set.bin")], target, sha256=None)
    web.files["set.bin"], web.etag, web.cut, web.ranges = CONTENT[::-1], '"v2"', None, True
    assert get([web.url("set.bin")], target, sha256=None).read_bytes() == CONTENT[::-1]


def test_without_a_checksum_nothing_is_joined_across_addresses(web, target):
    web.files["mirror.bin"] = CONTENT[::-1]
    web.cut, web.ranges = 100_000, False
    with pytest.raises(DownloadError):
        get([web.url("set.bin")], target, sha256=None)
    web.cut, web.ranges = None, True
    assert get([web.url("mirror.bin")], target, sha256=None).read_bytes() == CONTENT[::-1]
    assert web.log[-1][1] is None


def test_a_wrong_checksum_names_address_and_both_digests(web, target):
    with pytest.raises(ChecksumError) as caught:
        get([web.url("set.bin")], target, sha256=WRONG)
    assert all(text in str(caught.value) for text in (web.url("set.bin"), WRONG, SHA256))
    assert isinstance(caught.value, ValueError)
    assert names(target.parent) == []


def test_mirrors_are_tried_in_order(web, target):
    """The first has no such file, the second another one, nobody listens at the third."""
    web.files["other.bin"] = b"another file"
    urls = [web.url("missing.bin"), web.url("other.bin"), "http://127.0.0.1:9/set.bin", web.url("set.bin")]
    assert get(urls, target).read_bytes() == CONTENT
    assert [path for path, *_ in web.log] == ["/missing.bin", "/other.bin", "/set.bin"]


def test_when_all_mirrors_fail_each_is_named_with_its_reason(web, target):
    with pytest.raises(DownloadError) as caught:
        get([web.url("a.bin"), web.url("b.bin")], target)
    assert not isinstance(caught.value, ChecksumError)
    assert str(caught.value).count("404") == 2
    assert all(web.url(name) in str(caught.value) for name in ("a.bin", "b.bin"))


def test_the_first_download_is_trusted_and_later_ones_must_equal_it(web, target):
    get([web.url("set.bin")], target, sha256=None)
    assert target.with_name("set.bin.sha256").read_text() == f"{SHA256}  set.bin\n"
    target.write_bytes(b"damaged on disk")
    assert get([web.url("set.bin")], target, sha256=None).read_bytes() == CONTENT
    target.unlink()
    web.files["set.bin"] = b"changed by someone"
    with pytest.raises(ChecksumError, match=SHA256):
        get([web.url("set.bin")], target, sha256=None)


@pytest.mark.parametrize(("name", "value"), [
    ("X-Linked-ETag", f'"{WRONG}"'),
    ("x-goog-hash", "crc32c=AAAAAA==,md5=" + base64.b64encode(hashlib.md5(b"else").digest()).decode()),
])
def test_the_first_download_must_be_what_the_server_announces(web, target, name, value):
    web.headers[name] = value
    with pytest.raises(ChecksumError, match="sha256" if "Linked" in name else "md5"):
        get([web.url("set.bin")], target, sha256=None)
    right = {"X-Linked-ETag": f'"{SHA256}"',
             "x-goog-hash": "md5=" + base64.b64encode(hashlib.md5(CONTENT).digest()).decode()}
    web.headers[name] = right[name]
    assert get([web.url("set.bin")], target, sha256=None).read_bytes() == CONTENT


def test_a_file_that_the_caller_refuses_sends_to_the_next_mirror(web, target):
    def no_page(path):
        if path.read_bytes().startswith(b"<html"):
            raise ValueError("a page, not a file")

    web.files["login"] = b"<html>please log in"
    urls = [web.url("login"), web.url("set.bin")]
    assert get(urls, target, sha256=None, validate=no_page).read_bytes() == CONTENT


@pytest.mark.parametrize(("urls", "sha256", "message"), [
    ("http://127.0.0.1/a", SHA256, "urls must be a sequence"), ([], SHA256, "urls must be a sequence"),
    (["http://127.0.0.1/a"], "abc", "sha256 must be 64 hexadecimal digits or None, got 'abc'")])
def test_malformed_arguments_are_named(tmp_path, urls, sha256, message):
    with pytest.raises(ValueError, match=message):
        fetch(urls, tmp_path / "file", sha256=sha256)


def tar_of(path, members, mode="w:gz"):
    with tarfile.open(path, mode) as tar:
        for name, content in members.items():
            info = tarfile.TarInfo(name)
            if isinstance(content, bytes):
                info.size = len(content)
                tar.addfile(info, io.BytesIO(content))
            else:
                info.type, info.linkname = content
                tar.addfile(info)
    return path


def zip_of(path, members, links=()):
    with zipfile.ZipFile(path, "w") as zipped:
        for name, content in members.items():
            info = zipfile.ZipInfo(name)
            if name in links:
                info.create_system, info.external_attr = 3, (stat.S_IFLNK | 0o777) << 16
            zipped.writestr(info, content)
    return path


def everything(folder):
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*")}


@pytest.mark.parametrize("make", [tar_of, zip_of])
def test_the_only_top_folder_becomes_the_target(tmp_path, make):
    archive = make(tmp_path / "a", {"set/0/a.txt": b"A", "set/b.txt": b"B"})
    folder = extract(archive, tmp_path / "out", progress=False)
    assert (folder / "0" / "a.txt").read_bytes() == b"A"
    assert everything(tmp_path) == {"a", "out", "out/0", "out/0/a.txt", "out/b.txt"}


@pytest.mark.parametrize("make", [tar_of, zip_of])
@pytest.mark.parametrize("name", ["../evil.txt", "set/../../evil.txt", "/tmp/evil.txt", "C:/evil.txt",
                                  "..\\evil.txt"])
def test_a_member_that_leads_out_is_refused_and_nothing_stays(tmp_path, make, name):
    archive = make(tmp_path / "a", {"good.txt": b"good", name: b"evil"})
    with pytest.raises(ArchiveError, match="leads out of the target folder"):
        extract(archive, tmp_path / "inner" / "out", progress=False)
    assert everything(tmp_path) == {"a", "inner"}


@pytest.mark.parametrize("kind", [tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.CHRTYPE])
def test_links_and_devices_in_a_tar_are_refused(tmp_path, kind):
    archive = tar_of(tmp_path / "a.tar", {"good.txt": b"good", "link": (kind, "../../secret")}, "w")
    with pytest.raises(ArchiveError, match="'link' is a link or a device"):
        extract(archive, tmp_path / "out", progress=False)
    assert everything(tmp_path) == {"a.tar"}


def test_links_in_a_zip_are_refused(tmp_path):
    archive = zip_of(tmp_path / "a.zip", {"link": b"../../secret"}, links=["link"])
    with pytest.raises(ArchiveError, match="'link' is a link"):
        extract(archive, tmp_path / "out", progress=False)


@pytest.mark.parametrize("make", [tar_of, zip_of])
def test_a_damaged_archive_is_named_and_nothing_stays(tmp_path, make):
    archive = make(tmp_path / "a", {"a.bin": CONTENT, "b.bin": CONTENT})
    archive.write_bytes(archive.read_bytes()[:350_000])
    with pytest.raises(ArchiveError, match="a is damaged, cut short or no archive"):
        extract(archive, tmp_path / "out", progress=False)
    assert everything(tmp_path) == {"a"}


def test_what_a_killed_extraction_left_is_replaced(tmp_path):
    (tmp_path / "out.partial").mkdir()
    (tmp_path / "out.partial" / "old.txt").write_text("from a run that was killed")
    extract(tar_of(tmp_path / "a", {"a.txt": b"A", "b.txt": b"B"}), tmp_path / "out", progress=False)
    assert everything(tmp_path) == {"a", "out", "out/a.txt", "out/b.txt"}


def test_an_existing_folder_is_not_overwritten(tmp_path):
    with pytest.raises(ValueError, match="folder must not exist yet"):
        extract(tar_of(tmp_path / "a", {"a.txt": b"A"}), tmp_path, progress=False)


def test_an_empty_folder_is_filled(tmp_path):
    (tmp_path / "out").mkdir()
    extract(tar_of(tmp_path / "a", {"a.txt": b"A", "b.txt": b"B"}), tmp_path / "out", progress=False)
    assert everything(tmp_path / "out") == {"a.txt", "b.txt"}


def test_macs_shadows_beside_the_only_folder_do_not_count(tmp_path):
    archive = zip_of(tmp_path / "a", {"set/a.txt": b"A", "__MACOSX/set/._a.txt": b"shadow", ".DS_Store": b"x"})
    extract(archive, tmp_path / "out", progress=False)
    assert everything(tmp_path / "out") == {"a.txt"}


@pytest.mark.parametrize(("local", "central", "value", "message"), [
    (6, 8, 1, r"a: File .*a\.txt.* is encrypted"),        # bit 0 of the flags (APPNOTE 4.4.4)
    (8, 10, 97, r"a: .*compression"),                                       # method 97, WavPack (APPNOTE 4.4.5)
], ids=["encrypted", "compression"])
def test_a_zip_that_cannot_be_unpacked_is_named(tmp_path, local, central, value, message):
    content = bytearray(zip_of(tmp_path / "a", {"a.txt": b"A"}).read_bytes())
    content[local] = content[content.index(b"PK\x01\x02") + central] = value
    (tmp_path / "a").write_bytes(content)
    with pytest.raises(ArchiveError, match=message):
        extract(tmp_path / "a", tmp_path / "out", progress=False)
    assert everything(tmp_path) == {"a"}
