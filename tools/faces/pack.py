"""Pack rendered heads and their buffers into one archive, small enough to ship.

    python tools/faces/pack.py RENDERED FIRST LAST data/faces/10000.zip

Of every head with all its files, and whose eyes are not hidden: ``NNNNN.jpg`` (the photograph, as it is),
``_albedo.jpg``, ``_normal.jpg`` (camera axes * 127 + 128), ``_depth.jpg`` (grey; 255 nearest, 1 farthest of the head,
0 background), ``_parts.png`` (regions, grey) and ``.json`` (attributes, landmarks, colours; ``depth_range``, in
decimetres, is that of the values 255 and 1). Needs NumPy and Pillow.
"""

from __future__ import annotations

import argparse
import io
import json
import zipfile
from pathlib import Path

import numpy as np
from PIL import Image

BUFFERS = ("_albedo.jpg", "_normal.png", "_depth.png", "_parts.png", ".json", ".jpg")
FAR = 65_535            # background in the renderer's 16-bit depth


def jpeg(pixels: np.ndarray, quality: int) -> bytes:
    """Pixels as a JPEG whose colours are as sharp as its brightness."""
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, "JPEG", quality=quality, subsampling=0, optimize=True, progressive=True)
    return file.getvalue()


def depth_of(pixels: np.ndarray, bounds: tuple[float, float]) -> tuple[np.ndarray, list[float]]:
    """Depth in eight bits over what the head spans, and this span in decimetres."""
    near, far = bounds
    metric = near + pixels / (FAR - 1) * (far - near)
    seen = pixels < FAR
    low, high = float(metric[seen].min()), float(metric[seen].max())
    grey = np.where(seen, np.round(255 - 254 * (metric - low) / (high - low)).clip(1, 255), 0)
    return grey.astype(np.uint8), [round(low, 4), round(high, 4)]


def files_of(folder: Path, name: str) -> dict[str, bytes]:
    """The packed files of one head."""
    told = json.loads((folder / f"{name}.json").read_text("utf-8"))
    depth, told["depth_range"] = depth_of(np.asarray(Image.open(folder / f"{name}_depth.png")), told["depth_range"])
    parts = io.BytesIO()
    Image.open(folder / f"{name}_parts.png").save(parts, "PNG", optimize=True)
    albedo, normal = (np.asarray(Image.open(folder / f"{name}_{kind}").convert("RGB"))
                      for kind in ("albedo.jpg", "normal.png"))
    return {f"{name}.jpg": (folder / f"{name}.jpg").read_bytes(), f"{name}_albedo.jpg": jpeg(albedo, 60),
            f"{name}_normal.jpg": jpeg(normal, 75), f"{name}_depth.jpg": jpeg(depth, 70),
            f"{name}_parts.png": parts.getvalue(),
            f"{name}.json": json.dumps(told, separators=(",", ":")).encode()}


def main() -> None:
    """Pack the numbers FIRST to LAST of a folder."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("first", type=int)
    parser.add_argument("last", type=int)
    parser.add_argument("archive", type=Path)
    options = parser.parse_args()
    names = [f"{number:05d}" for number in range(options.first, options.last + 1)]
    whole = [name for name in names if all((options.folder / f"{name}{end}").exists() for end in BUFFERS)]
    told = {name: json.loads((options.folder / f"{name}.json").read_text("utf-8")) for name in whole}
    kept = [name for name in whole if not told[name]["eyes_hidden"]]
    options.archive.parent.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(options.archive, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for name in kept:
            for file, content in files_of(options.folder, name).items():
                archive.writestr(zipfile.ZipInfo(file, (2026, 1, 1, 0, 0, 0)), content, zipfile.ZIP_DEFLATED)
    print(f"{len(kept)} heads of {len(names)} ({len(whole) - len(kept)} with hidden eyes left out): "
          f"{options.archive.stat().st_size / len(kept) / 1000:.1f} kB each")


if __name__ == "__main__":
    main()
