"""Draw the contact sheets of the tagged avatars: every part with its tags, the colours, five avatars of each tag.

    python tools/contact_sheets.py FOLDER

The art is the style Adventurer by Lisa Wischofsky (CC BY 4.0), with pieces of our own (CC BY 4.0).
"""

from __future__ import annotations

import argparse
from pathlib import Path

from avatarlib.interact.grids import png_bytes
from avatarlib.interact.tag_sheets import SHEETS, tag_sheet
from avatarlib.training.files import write_atomically


def write_sheets(folder: Path, size: int) -> list[Path]:
    """Write every sheet as a PNG named after it; returns the paths."""
    folder.mkdir(parents=True, exist_ok=True)
    paths = []
    for which in SHEETS:
        path = folder / f"tags-{which}.png"
        content = png_bytes(tag_sheet(which, size=size), colours=64)
        write_atomically(path, lambda file, content=content: file.write_bytes(content))
        paths.append(path)
    return paths


def main() -> None:
    parser = argparse.ArgumentParser(description="Draw the contact sheets of the tagged avatars as PNG files.")
    parser.add_argument("folder", type=Path, help="where to write them; made if it is not there")
    parser.add_argument("--size", type=int, default=72, help="pixels of each picture (default 72)")
    arguments = parser.parse_args()
    for path in write_sheets(arguments.folder, arguments.size):
        print(f"{path}: {path.stat().st_size / 1000:.0f} kB")


if __name__ == "__main__":
    main()
