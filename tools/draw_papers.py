"""Draw the map of the papers: what they build on, and which chapter rebuilds them.

    python tools/draw_papers.py

Writes book/_static/papers.svg: narrow, so that its words stay readable on a phone, and on paper of its own, so that
both themes show it alike.
"""

from __future__ import annotations

from pathlib import Path
from xml.sax.saxutils import escape

TARGET = Path(__file__).resolve().parent.parent / "book" / "_static" / "papers.svg"
WIDTH, LEFT, COLUMN, BOX, TOP, ROW = 360, 8, 122, (100, 38), 78, 50
LOOKS = (("#e9ecf1", "#8a94a3", "#1d2733"), ("#dceaf5", "#1f5f8b", "#1d2733"), ("#1f5f8b", "#1f5f8b", "#ffffff"))
HEADS = ("ideas", "networks", "the papers")

# Name -> (column, row, what it brings or where it is rebuilt).
BOXES = {
    "DCGAN": (0, 0, "2016, layers"), "Xiao et al.": (2, 0, "chapter 2"),
    "Style transfer": (0, 1, "2016, features"), "CartoonGAN": (1, 1, "2018, edges"),
    "Bismi et al.": (2, 1, "chapter 3"),
    "AnimeGAN": (1, 2, "2020, colours"), "Wang et al.": (2, 2, "chapter 3"),
    "Wu et al.": (1, 3, "2019, landmarks"), "Sun's account": (2, 3, "chapters 2 to 4"),
    "pix2pix": (0, 4, "2017, pairs"), "CycleGAN": (1, 4, "2017, no pairs"), "Tian": (2, 4, "chapter 4"),
    "MUNIT, DRIT": (1, 5, "2018, two codes"),
    "ACGAN": (0, 6, "2017, tags"),
    "DRAGAN": (0, 7, "2017, slopes"), "Jin et al.": (1, 7, "2017, anime"), "Xu": (2, 7, "2025, chapter 5"),
    "SRResNet": (0, 8, "2017, sub-pixels"),
}
BUILDS_ON = (("DCGAN", "Xiao et al."), ("Style transfer", "CartoonGAN"), ("Style transfer", "AnimeGAN"),
             ("CartoonGAN", "AnimeGAN"), ("CartoonGAN", "Bismi et al."), ("CartoonGAN", "Wang et al."),
             ("Wang et al.", "Sun's account"), ("Wu et al.", "Sun's account"), ("CycleGAN", "Sun's account"),
             ("pix2pix", "CycleGAN"), ("CycleGAN", "Tian"), ("ACGAN", "Jin et al."), ("DRAGAN", "Jin et al."),
             ("SRResNet", "Jin et al."), ("Jin et al.", "Xu"))
NAMES_ONLY = (("AnimeGAN", "Bismi et al."), ("AnimeGAN", "Wang et al."), ("MUNIT, DRIT", "Tian"))   # no debt stated


def corner(name: str) -> tuple[int, int]:
    """The upper left corner of a box."""
    column, row, _ = BOXES[name]
    return LEFT + column * COLUMN, TOP + row * ROW


def words(x: float, y: float, text: str, colour: str, *, size: int = 11, bold: bool = False) -> str:
    """Centred text; ``y`` is its base line."""
    weight = ' font-weight="bold"' if bold else ""
    return f'<text x="{x:g}" y="{y:g}" fill="{colour}" font-size="{size}"{weight}>{escape(text)}</text>'


def box(name: str) -> str:
    """A work: its name, and below it what it brings."""
    (x, y), (width, height) = corner(name), BOX
    column, _, below = BOXES[name]
    ground, rim, ink = LOOKS[column]
    middle = x + width / 2
    return (f'<rect x="{x}" y="{y}" width="{width}" height="{height}" rx="6" fill="{ground}" stroke="{rim}"/>'
            + words(middle, y + 16, name, ink, size=12, bold=True) + words(middle, y + 31, below, ink))


def arrow(start: str, end: str, *, dashed: bool = False) -> str:
    """From a box's right side to another's left one; downwards if they stand in one column."""
    (x, y), (to_x, to_y) = corner(start), corner(end)
    dash = ' stroke-dasharray="4 3"' if dashed else ""
    if x == to_x:
        path = f"M{x + BOX[0] / 2:g} {y + BOX[1]}V{to_y - 1}"
    else:
        begin, middle, half = x + BOX[0], to_x - 10, BOX[1] // 2
        path = f"M{begin} {y + half}C{middle} {y + half} {begin} {to_y + half} {to_x - 1} {to_y + half}"
    return f'<path d="{path}" fill="none" stroke="#5b6573" stroke-width="1.4"{dash} marker-end="url(#tip)"/>'


def draw() -> str:
    """The map as SVG."""
    height = TOP + 9 * ROW
    middles = [LEFT + column * COLUMN + BOX[0] / 2 for column in range(3)]
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" width="{WIDTH}" height="{height}" '
        'font-family="system-ui, -apple-system, Segoe UI, Roboto, Helvetica, Arial, sans-serif" text-anchor="middle">',
        "<title>What the papers build on, and which chapter rebuilds them</title>",
        '<defs><marker id="tip" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="6" markerHeight="6" orient="auto">'
        '<path d="M0 0L8 4L0 8z" fill="#5b6573"/></marker></defs>',
        f'<rect width="{WIDTH}" height="{height}" fill="#ffffff"/>',
        f'<rect x="{LEFT}" y="8" width="{WIDTH - 2 * LEFT}" height="28" rx="6" fill="{LOOKS[0][0]}" '
        f'stroke="{LOOKS[0][1]}"/>',
        words(WIDTH / 2, 26, "GAN, 2014: the game that all of them play", LOOKS[0][2], size=12, bold=True),
        *(words(middle, 62, head, "#3d4653") for middle, head in zip(middles, HEADS, strict=True)),
        *(arrow(*pair) for pair in BUILDS_ON), *(arrow(*pair, dashed=True) for pair in NAMES_ONLY),
        *(box(name) for name in BOXES), "</svg>"]
    return "\n".join(parts) + "\n"


if __name__ == "__main__":
    TARGET.write_text(draw(), encoding="utf-8", newline="\n")
    print(f"{TARGET.name}: {len(draw()) / 1024:.0f} kB")
