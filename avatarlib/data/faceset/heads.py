"""One rendered head: its photograph and the buffers that go with every pixel, read from a pack.

Places are (x, y) in pixels of the photograph, whose upper left corner is (0, 0): the first pixel's centre is
(0.5, 0.5). Left and right are the picture's, unless a name says whose.
"""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

__all__ = ["BACKGROUND", "BROWS", "CLOTHES", "EYES", "GLASSES", "HAIR", "LIPS", "REGIONS", "SKIN", "TEETH", "Head",
           "read_head"]

REGIONS = ("background", "skin", "hair", "eyes", "lips", "brows", "clothes", "teeth", "glasses")
BACKGROUND, SKIN, HAIR, EYES, LIPS, BROWS, CLOTHES, TEETH, GLASSES = range(9)
LENS, HOLE, EAR, NECK, EARRING = range(9, 14)       # what the packs tell beyond the regions
COARSE = np.array([*range(9), GLASSES, BACKGROUND, SKIN, SKIN, SKIN], np.uint8)


@dataclass(eq=False)
class Head:
    """Buffers of a rendered head, each of n x n pixels.

    Attributes
    ----------
    number : int
        The seed that made it.
    photo, albedo : ndarray
        uint8 (n, n, 3): the photograph, and the colours of the surfaces without light.
    normal : ndarray
        float32 (n, n, 3) in [-1, 1]: x to the right, y up, z to the camera.
    depth : ndarray
        float32 (n, n), decimetres from the camera; NaN where the background is.
    parts : ndarray
        uint8 (n, n): 0 to 8 as ``REGIONS``, 9 dark lens, 10 background seen through a gap, 11 ear, 12 neck,
        13 earring.
    facts : mapping
        Attributes, expression, landmarks, curves of lids and brows, true colours.

    Examples
    --------
    >>> from avatarlib.data.faceset import load_head
    >>> head = load_head(10000)
    >>> head.side, head.points.shape, head.regions.shape
    (160, (68, 2), (160, 160))
    """

    number: int
    photo: np.ndarray
    albedo: np.ndarray
    normal: np.ndarray
    depth: np.ndarray
    parts: np.ndarray
    facts: Mapping[str, Any]

    @property
    def side(self) -> int:
        """Height and width of the buffers."""
        return len(self.parts)

    @cached_property
    def regions(self) -> np.ndarray:
        """uint8 (n, n), indices into ``REGIONS``."""
        return COARSE[self.parts]

    @cached_property
    def points(self) -> np.ndarray:
        """The 68 landmarks of the iBUG scheme, float32 (68, 2)."""
        return np.array([self.facts["landmarks"][f"p{i:02d}"] for i in range(68)], np.float32)

    @cached_property
    def eyeballs(self) -> np.ndarray:
        """Centres of the eyeballs, the picture's left one first, float32 (2, 2)."""
        return np.array([self.facts["landmarks"][name] for name in ("right_eye", "left_eye")], np.float32)

    @cached_property
    def crown(self) -> np.ndarray:
        """Top of the head, float32 (2,)."""
        return np.array(self.facts["landmarks"]["top_of_head"], np.float32)

    def eye(self, side: int) -> Mapping[str, Any]:
        """Curves of the picture's left (0) or right (1) eye; they run from the nose outwards."""
        return self.facts["eyes_px"][("right", "left")[side]]

    def color(self, name: str) -> np.ndarray | None:
        """A true colour of ``facts["colors"]``, float32 (3,) in 0..255; None where the head has no such thing."""
        value = self.facts["colors"].get(name)
        return None if value is None else np.array(value, np.float32)


def read_head(archive: zipfile.ZipFile, name: str) -> Head:
    """Read the head ``name`` (five digits) of an open pack.

    Raises
    ------
    ValueError
        If a file of the head is missing or damaged; the message names pack and head.
    """
    def picture(end: str) -> np.ndarray:
        with Image.open(io.BytesIO(archive.read(name + end))) as file:
            return np.asarray(file)

    try:
        facts = json.loads(archive.read(f"{name}.json"))
        near, far = facts["depth_range"]
        grey = picture("_depth.jpg").astype(np.float32)
        normal = (picture("_normal.jpg").astype(np.float32) - 128) / 127
        depth = near + (255 - grey) / 254 * (far - near)
        head = Head(int(name), picture(".jpg"), picture("_albedo.jpg"), normal, depth, picture("_parts.png"), facts)
        if head.parts.shape != head.photo.shape[:2] or head.parts.max() >= len(COARSE):
            raise ValueError(f"its parts have shape {head.parts.shape} and go up to {head.parts.max()}")
        head.depth[head.regions == BACKGROUND] = np.nan
        return head
    except (KeyError, OSError, ValueError, TypeError, zipfile.BadZipFile, SyntaxError) as error:
        raise ValueError(f"head {name} of the pack {Path(archive.filename or '').name!r} can not be read ({error}); "
                         "fetch the pack again") from error
