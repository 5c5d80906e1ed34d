"""Draw the book's icon and the pictures of its first page.

    python tools/draw_pictures.py

The icon and the first picture show what the networks learn from, the second what a generator makes of three
descriptions. The art is Pablo Stanley's (avataaars) and Lisa Wischofsky's (adventurer, with pieces of our own); the
heads are FaceSet's.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch
from PIL import Image, ImageColor, ImageDraw

from avatarlib import pretrained
from avatarlib.data import draw_avatar, draw_tags, sample_drawable, tag_names, to_uint8
from avatarlib.data.faceset import draw, load_head, photograph
from avatarlib.text_to_avatar import draw_text

STATIC = Path(__file__).resolve().parent.parent / "book" / "_static"
FACE = {"seed": "face", "topVariant": ["curly"], "hairColor": ["#724133"], "eyesVariant": ["happy"],
        "mouthVariant": ["smile"], "eyebrowsVariant": ["defaultNatural"], "clothesVariant": ["hoodie"],
        "clothesColor": ["#ff5c5c"], "skinColor": ["#d08b5b"], "facialHairProbability": 0,
        "accessoriesProbability": 0}
FRIENDLY = {"eyesVariant": ["default", "happy", "side", "wink", "squint", "closed"],
            "mouthVariant": ["smile", "twinkle", "default", "tongue", "serious"],
            "eyebrowsVariant": ["default", "defaultNatural", "raisedExcited", "flatNatural", "upDown"]}
HEADS = (10113, 10166, 10012, 10448, 10244, 10287, 10066, 10032, 10216, 10140)       # of the test split, chosen by eye
COLUMNS, TILE, GAP = 10, 112, 6
WORDS = ("a smiling girl with long teal hair and green eyes, no glasses", "red hair, blue eyes and a hat",
         "pink hair with twintails, glasses and a ribbon")
GROUND = "#eef1f6"


def rounded(image: Image.Image, radius: int) -> Image.Image:
    """Make the corners transparent; drawn at four times the size for smooth edges."""
    mask = Image.new("L", (4 * image.width, 4 * image.height), 0)
    ImageDraw.Draw(mask).rounded_rectangle((0, 0, mask.width - 1, mask.height - 1), 4 * radius, fill=255)
    result = image.convert("RGBA")
    result.putalpha(mask.resize(image.size, Image.Resampling.LANCZOS))
    return result


def picture(pixels: np.ndarray) -> Image.Image:
    """uint8 (3, H, W) as a PIL image."""
    return Image.fromarray(np.ascontiguousarray(pixels.transpose(1, 2, 0)))


def draw_face() -> Image.Image:
    """The icon: one avatar, 256 pixels."""
    pixels, _ = draw_avatar("avataaars", FACE, size=256, background="#ffe2b8")
    return rounded(picture(pixels), 128)


def draw_rows(rows: list[list[np.ndarray]]) -> Image.Image:
    """Rows of pictures with round corners, on transparent ground."""
    canvas = Image.new("RGBA", (COLUMNS * (TILE + GAP) - GAP, len(rows) * (TILE + GAP) - GAP), (0, 0, 0, 0))
    for row, drawings in enumerate(rows):
        for column, pixels in enumerate(drawings):
            tile = rounded(picture(pixels), 14)
            canvas.paste(tile, (column * (TILE + GAP), row * (TILE + GAP)))
    return canvas


def hero_rows() -> list[list[np.ndarray]]:
    """Photographs of FaceSet's heads, their two drawings, avatars of AvatarSet, and avatars drawn from tags."""
    avatars = [draw_avatar("avataaars", {"seed": f"hero/{i}", **FRIENDLY}, size=TILE, background=GROUND)[0]
               for i in range(COLUMNS)]
    rng = torch.Generator().manual_seed(3)
    happy = [row for row in sample_drawable(200, generator=rng) if {"smile", "hat"} & set(tag_names(row))][:COLUMNS]
    tagged = [draw_tags(row, seed=i, size=TILE, background=GROUND) for i, row in enumerate(happy)]
    heads = [load_head(number) for number in HEADS]
    return [[photograph(head, TILE).pixels for head in heads], [draw(head, "cel", TILE).pixels for head in heads],
            [draw(head, "anime", TILE).pixels for head in heads], avatars, tagged]


def word_rows() -> list[list[np.ndarray]]:
    """A row for each description, by the shipped generator; what it leaves open is left to chance."""
    generator = pretrained.load("acgan-adventurer-64")      # by eye the cleaner of the two
    drawn = [draw_text(generator, text, COLUMNS, seed=1).images for text in WORDS]
    return [[fitted(pixels) for pixels in to_uint8(images).numpy()] for images in drawn]


def fitted(pixels: np.ndarray) -> np.ndarray:
    """A picture at the size of a tile, its white paper in the tiles' ground colour: uint8 (3, TILE, TILE)."""
    small = np.asarray(picture(pixels).resize((TILE, TILE), Image.Resampling.LANCZOS)).transpose(2, 0, 1)
    return (small * (np.array(ImageColor.getrgb(GROUND))[:, None, None] / 255)).round().astype(np.uint8)


def main() -> None:
    """Write the pictures: the icon in 256 colours, those of the first page with soft light, all small."""
    face = draw_face().quantize(256, method=Image.Quantize.FASTOCTREE, dither=Image.Dither.NONE)
    face.save(STATIC / "face.png", optimize=True)
    draw_rows(hero_rows()).save(STATIC / "hero.webp", quality=86, method=6)
    draw_rows(word_rows()).save(STATIC / "words.webp", quality=86, method=6)
    for name in ("face.png", "hero.webp", "words.webp"):
        print(f"{name}: {(STATIC / name).stat().st_size / 1024:.0f} kB")


if __name__ == "__main__":
    main()
