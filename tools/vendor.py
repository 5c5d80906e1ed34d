"""Refresh the JavaScript that the pages load, in book/_static/vendor and book/vendor, from its npm packages.

    python tools/vendor.py            # needs the npm client; every package and file is checked by SHA-256

The book must work without a network, so MathJax, what draws Jupyter widgets and what runs the studio's networks
are committed. To move to a newer version, change PACKAGES, run this, and compare the new digests it reports with
a second download.
"""

from __future__ import annotations

import gzip
import hashlib
import shutil
import subprocess
import tarfile
import tempfile
from dataclasses import dataclass, field
from pathlib import Path

BOOK = Path(__file__).parent.parent / "book"
VENDOR = BOOK / "_static" / "vendor"
STUDIO = BOOK / "vendor" / "onnxruntime"        # tools/studio_networks.py packs it; no page loads it as it is
FONTS = ("1551f4f60c37af51121f.woff2", "7a3337626410ca2f4071.woff2", "d878b0a6a1144760244f.woff2")


@dataclass(frozen=True)
class Package:
    """An npm package, the digest of its archive, and which of its files go where in ``folder``.

    A place that ends in .gz gets the file compressed, unless it was so in the package.
    """

    spec: str
    sha256: str
    files: dict[str, tuple[str, ...]] = field(default_factory=dict)
    folder: Path = VENDOR


PACKAGES = (
    Package("mathjax@3.2.2", "1b9c0a1c44df864e915690558e72adb9cc5203360daefd385084ced3b6c64c09",
            {"es5/tex-svg-full.js": ("mathjax/tex-svg-full.js",), "LICENSE": ("mathjax/LICENSE",)}),
    Package("requirejs@2.3.6", "1d1a8a5ea21b941f5c80f7caf3ac7f3e1cb8cf2903a706d5c0d15434eaedd326",
            {"require.js": ("widgets/require.js",)}),
    Package("@jupyter-widgets/html-manager@1.0.15", "2b9d65cb7913e1c7d671757a10008b32c9c2448d4429513371e55c07d6107638",
            {"dist/embed-amd.js": ("widgets/embed-amd.js",),
             "dist/embed.js.LICENSE.txt": ("widgets/embed-amd.js.LICENSE.txt",),
             # The icon fonts are asked for at both places, depending on who asks.
             **{f"dist/{font}": (f"@jupyter-widgets/{font}", f"@jupyter-widgets/html-manager/dist/{font}")
                for font in FONTS}}),
    Package("onnxruntime-web@1.30.0", "d2228df7e4616bc3348bf504ee888f3bec43789a273f0a63f3e68d203ce3bf71",
            {"dist/ort.wasm.min.js": ("ort.wasm.min.js",),
             "dist/ort-wasm-simd-threaded.mjs": ("ort-wasm-simd-threaded.mjs",),
             "dist/ort-wasm-simd-threaded.wasm": ("ort-wasm-simd-threaded.wasm.gz",)}, STUDIO),
)


def download(package: Package, folder: Path) -> Path:
    """Fetch a package's archive with ``npm pack`` and check its digest."""
    npm = shutil.which("npm")
    if npm is None:
        raise SystemExit("npm was not found: install Node.js, which brings it")
    result = subprocess.run([npm, "pack", "--silent", package.spec], cwd=folder, check=True,
                            capture_output=True, text=True)
    archive = folder / result.stdout.split()[-1]
    digest = hashlib.sha256(archive.read_bytes()).hexdigest()
    if digest != package.sha256:
        raise SystemExit(f"{package.spec}: SHA-256 must be {package.sha256}, got {digest}")
    return archive


def extract(package: Package, archive: Path, vendor: Path) -> int:
    """Copy the package's chosen files to their places; return how many."""
    copied = 0
    with tarfile.open(archive) as tar:
        for source, targets in package.files.items():
            member = tar.extractfile(f"package/{source}")
            if member is None:
                raise SystemExit(f"{package.spec} has no file {source}")
            content = member.read()
            for target in targets:
                path = vendor / target
                path.parent.mkdir(parents=True, exist_ok=True)
                packs = target.endswith(".gz") and not source.endswith(".gz")
                path.write_bytes(gzip.compress(content, 9, mtime=0) if packs else content)
                copied += 1
    return copied


def main() -> None:
    """Refresh all packages."""
    with tempfile.TemporaryDirectory() as folder:
        for package in PACKAGES:
            archive = download(package, Path(folder))
            print(f"{package.spec}: {extract(package, archive, package.folder)} files")


if __name__ == "__main__":
    main()
