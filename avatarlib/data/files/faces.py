"""Faces cut out of scraped pictures, as the text-to-avatar papers prepare theirs (Jin et al. 2017; Xu).

A detector gives boxes; the largest, enlarged 1.5 times about its centre, is cut out and resized to 128 pixels.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
from PIL import Image
from skimage.exposure import equalize_hist
from skimage.feature import Cascade

from avatarlib.data.files.images import check_size
from avatarlib.data.files.paths import user_path

__all__ = ["Box", "CascadeDetector", "Detector", "crop_face", "enlarge"]

Box = tuple[float, float, float, float]                 # left, top, width, height in pixels
Detector = Callable[[np.ndarray], Sequence[Box]]        # uint8 (H, W, 3) -> boxes of faces, in any order

LONGEST_SIDE = 512      # pixels searched at most: a face of 24 pixels is then a twentieth of the picture


class CascadeDetector:
    """Faces by a cascade of local binary patterns in OpenCV's XML format, run by scikit-image.

    For drawn faces: nagadomi's ``lbpcascade_animeface.xml`` (MIT, github.com/nagadomi/lbpcascade_animeface,
    not shipped here). Its README prescribes grey, equalised histogram, a scale step of 1.1, five neighbours, and
    windows from 24 pixels; so it is done. The windows are searched in steps of 1.5 pixels times their scale:
    with a step of one, scikit-image finds about twice as many boxes as OpenCV with the same file, with 1.5
    nearly the same (on 60 photographs of faces, 54 found against 56, each within OpenCV's box). Any other
    detector can stand in its place: all that is asked is a callable.

    Parameters
    ----------
    path : str or Path
        The XML file; local binary patterns only, not Haar.

    Raises
    ------
    ValueError
        If the file is not there or no such cascade.

    Examples
    --------
    >>> import numpy as np
    >>> from skimage.data import astronaut, lbp_frontal_face_cascade_filename
    >>> from avatarlib.data import CascadeDetector
    >>> detect = CascadeDetector(lbp_frontal_face_cascade_filename())      # of OpenCV, for photographs
    >>> len(detect(astronaut()[:200, 150:320])), detect(np.zeros((64, 64, 3), np.uint8))   # one face; none in the dark
    (1, [])

    OpenCV in its place, where it is installed (before version 5)::

        import cv2
        cascade = cv2.CascadeClassifier("lbpcascade_animeface.xml")

        def detect(image):
            grey = cv2.equalizeHist(cv2.cvtColor(image, cv2.COLOR_RGB2GRAY))
            return cascade.detectMultiScale(grey, 1.1, 5, minSize=(24, 24))
    """

    def __init__(self, path: str | Path) -> None:
        path = user_path(path)
        if not path.is_file():
            raise ValueError(f"path must be a cascade's XML file, got {str(path)!r}, which is not there; for drawn "
                             "faces take lbpcascade_animeface.xml of github.com/nagadomi/lbpcascade_animeface")
        try:
            check_cascade(path)
            self.cascade = Cascade(str(path))
        except (ElementTree.ParseError, AttributeError, TypeError, ValueError, IndexError, OverflowError) as error:
            raise ValueError(f"path must be a cascade of local binary patterns (LBP) in OpenCV's XML format, got "
                             f"{path.name}: {error}") from error

    def __call__(self, image: np.ndarray) -> list[Box]:
        """Boxes of the faces in a picture, uint8 (H, W, 3); none found is an empty list."""
        picture = Image.fromarray(image).convert("L")
        shrink = max(1.0, max(picture.size) / LONGEST_SIDE)
        if shrink > 1:
            width, height = (max(1, round(side / shrink)) for side in picture.size)
            picture = picture.resize((width, height), Image.Resampling.BILINEAR)
        grey = np.round(255 * equalize_hist(np.asarray(picture))).astype(np.uint8)
        found = self.cascade.detect_multi_scale(img=grey, scale_factor=1.1, step_ratio=1.5, min_size=(24, 24),
                                                max_size=grey.shape, min_neighbor_number=5)
        return [(shrink * box["c"], shrink * box["r"], shrink * box["width"], shrink * box["height"])
                for box in found]


def check_cascade(path: Path) -> None:
    """Look a cascade through first: scikit-image believes what it reads, and on any other file may crash."""
    tree = ElementTree.parse(path)
    kind = tree.findtext(".//featureType")
    if kind != "LBP":
        raise ValueError(f"featureType {kind!r}")
    rectangles = [len((node.text or "").split()) for node in tree.iterfind(".//features/_/rect")]
    stumps = [[int(number) for number in (node.text or "").split()] for node in tree.iterfind(".//internalNodes")]
    leaves = [len((node.text or "").split()) for node in tree.iterfind(".//leafValues")]
    stages = tree.findall(".//stages/_")
    announced = [int(stage.findtext("maxWeakCount") or 0) for stage in stages]
    present = [len(stage.findall("weakClassifiers/_")) for stage in stages]
    if set(rectangles) != {4} or set(leaves) != {2} or {len(stump) for stump in stumps} != {11}:
        raise ValueError("its features are not rectangles with stumps of 8 words and 2 leaves")
    if announced != present or len(stumps) != sum(present) or int(tree.findtext(".//stageNum") or 0) != len(stages):
        raise ValueError("its stages are not as many or as long as it says")
    if not all(0 <= stump[2] < len(rectangles) for stump in stumps):
        raise ValueError(f"a stump names a feature beyond its {len(rectangles)}")


def enlarge(box: Box, scale: float, width: int, height: int) -> tuple[int, int, int, int]:
    """Left, top, right and bottom of a square about a box's centre, clipped at the picture's borders.

    Its side is ``scale`` times the longer side of the box. Whole pixels; at least one.

    Examples
    --------
    >>> from avatarlib.data.files.faces import enlarge
    >>> enlarge((100, 50, 80, 80), 1.5, width=300, height=200)             # 20 more on every side
    (80, 30, 200, 150)
    >>> enlarge((0, 0, 80, 80), 1.5, width=300, height=200)                # clipped in the corner
    (0, 0, 100, 100)
    """
    left, top, box_width, box_height = box
    half = scale * max(box_width, box_height) / 2
    x, y = left + box_width / 2, top + box_height / 2
    first = max(0, round(x - half)), max(0, round(y - half))
    last = min(width, round(x + half)), min(height, round(y + half))
    first = min(first[0], width - 1), min(first[1], height - 1)
    return *first, max(last[0], first[0] + 1), max(last[1], first[1] + 1)


def crop_face(picture: Image.Image, detect: Detector, *, size: int = 128,
              scale: float = 1.5) -> tuple[Image.Image, Box] | None:
    """Cut the largest face out of a picture: the face and its box, or None if none was found.

    What is clipped at a border is no square any more; of the rest the central square is taken, so a face is
    never stretched.

    Parameters
    ----------
    picture : PIL.Image.Image
        RGB, as ``open_picture`` gives it.
    detect : callable
        uint8 (H, W, 3) -> boxes (left, top, width, height) in pixels.
    size : int
        Height and width of the result, resized with Pillow's bicubic filter; 128 in the papers.
    scale : float
        How much larger than the box the crop is; 1.5 in the papers. At least 1.

    Raises
    ------
    ValueError
        If ``size`` or ``scale`` is out of range, or a box has no area.

    Examples
    --------
    >>> from PIL import Image
    >>> from avatarlib.data import crop_face
    >>> picture = Image.new("RGB", (300, 200))
    >>> face, box = crop_face(picture, lambda pixels: [(0, 0, 20, 20), (100, 50, 80, 80)])         # the larger of two
    >>> face.size, box
    ((128, 128), (100.0, 50.0, 80.0, 80.0))
    """
    check_crop(size, scale)
    boxes = [(float(x), float(y), float(width), float(height)) for x, y, width, height in detect(np.asarray(picture))]
    if not boxes:
        return None
    largest = max(boxes, key=lambda box: box[2] * box[3])
    if not (largest[2] > 0 and largest[3] > 0):
        raise ValueError(f"detect must give boxes of at least one pixel, got {largest}")
    left, top, right, bottom = enlarge(largest, scale, *picture.size)
    side = min(right - left, bottom - top)
    left, top = left + (right - left - side) // 2, top + (bottom - top - side) // 2
    square = picture.crop((left, top, left + side, top + side))
    return square.resize((size, size), Image.Resampling.BICUBIC), largest


def check_crop(size: int, scale: float) -> None:
    """Refuse a size or an enlargement that makes no sense."""
    check_size(size)
    if not 1 <= scale <= 10:
        raise ValueError(f"scale must be in [1, 10], got {scale}")
