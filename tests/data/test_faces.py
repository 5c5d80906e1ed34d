"""Cutting out faces: where the crop lies, which box is taken, and a real cascade on a real face."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from skimage import data as pictures

from avatarlib.data.files.faces import CascadeDetector, crop_face, enlarge

ASTRONAUT = (172, 65, 102, 102)     # OpenCV 4.14, the same cascade, detectMultiScale(grey, 1.1, 5, minSize=(24, 24))


def overlap(first, second):
    """Intersection over union of two boxes."""
    width = min(first[0] + first[2], second[0] + second[2]) - max(first[0], second[0])
    height = min(first[1] + first[3], second[1] + second[3]) - max(first[1], second[1])
    common = max(0, width) * max(0, height)
    return common / (first[2] * first[3] + second[2] * second[3] - common)


@pytest.fixture(scope="module")
def detect():
    return CascadeDetector(pictures.lbp_frontal_face_cascade_filename())


@pytest.fixture(scope="module")
def astronaut():
    return pictures.astronaut()


def test_the_astronauts_face_is_found_where_opencv_finds_it(detect, astronaut):
    boxes = detect(astronaut)
    assert max(overlap(box, ASTRONAUT) for box in boxes) > 0.6
    assert len(boxes) <= 2


def test_a_large_picture_is_searched_in_small_and_its_box_told_in_large(detect, astronaut):
    """Three times as large: three times the box."""
    large = np.asarray(Image.fromarray(astronaut).resize((1536, 1536)))
    largest = max(detect(large), key=lambda box: box[2])
    assert overlap(largest, tuple(3 * value for value in ASTRONAUT)) > 0.6


@pytest.mark.parametrize(("old", "new", "message"), [
    ("<featureType>LBP", "<featureType>HAAR", r"got x\.xml: featureType 'HAAR'"),
    ("<stageNum>20", "<stageNum>21", "its stages are not as many or as long as it says"),
    ("<maxWeakCount>3<", "<maxWeakCount>4<", "its stages are not as many or as long as it says"),
    ("0 -1 46 ", "0 -1 4600 ", "a stump names a feature beyond its"),
    ("0 -1 46 ", "0 -1 ", "its features are not rectangles with stumps of 8 words and 2 leaves"),
    ("-0.6543210148811340 ", "", "its features are not rectangles with stumps of 8 words and 2 leaves"),
])
def test_a_changed_cascade_is_refused_before_scikit_image_sees_it(tmp_path, old, new, message):
    """With each of these scikit-image would read beyond its arrays."""
    text = Path(pictures.lbp_frontal_face_cascade_filename()).read_text()
    assert old in text
    (tmp_path / "x.xml").write_text(text.replace(old, new, 1))
    with pytest.raises(ValueError, match=message):
        CascadeDetector(tmp_path / "x.xml")


def test_a_window_that_is_no_square_gives_such_boxes(tmp_path, astronaut):
    """nagadomi's window is 27 x 24 pixels."""
    text = Path(pictures.lbp_frontal_face_cascade_filename()).read_text()
    (tmp_path / "x.xml").write_text(text.replace("<width>24", "<width>27", 1))
    boxes = CascadeDetector(tmp_path / "x.xml")(astronaut)
    assert max(overlap(box, ASTRONAUT) for box in boxes) > 0.6
    for box in boxes:
        assert box[2] / box[3] == pytest.approx(27 / 24, rel=0.02)


@pytest.mark.parametrize("image", [np.full((64, 64, 3), 127, np.uint8), np.zeros((10, 300, 3), np.uint8)])
def test_where_there_is_no_face_none_is_found(detect, image):
    assert detect(image) == []


@pytest.mark.parametrize(("content", "message"), [
    (None, r"path must be a cascade's XML file, got '.*x\.xml', which is not there; for drawn faces take lbpcascade"),
    ("not xml", r"path must be a cascade of local binary patterns \(LBP\) in OpenCV's XML format, got x\.xml: "),
    ("<opencv_storage><cascade/></opencv_storage>", r"path must be a cascade of local binary patterns"),
])
def test_a_file_that_is_no_cascade_is_named(tmp_path, content, message):
    if content is not None:
        (tmp_path / "x.xml").write_text(content)
    with pytest.raises(ValueError, match=message):
        CascadeDetector(tmp_path / "x.xml")


@pytest.mark.parametrize(("box", "expected"), [
    ((40, 30, 20, 20), (35, 25, 65, 55)),           # 30 pixels about (50, 40)
    ((40, 30, 20, 10), (35, 20, 65, 50)),           # the longer side counts; centre (50, 35)
    ((0, 0, 20, 20), (0, 0, 25, 25)),               # clipped at left and top
    ((85, 65, 10, 12), (81, 62, 99, 80)),           # at the bottom
    ((0, 0, 100, 80), (0, 0, 100, 80)),             # the whole picture
])
def test_the_square_about_a_box(box, expected):
    assert enlarge(box, 1.5, 100, 80) == expected


def marked(width=100, height=80):
    """A picture whose red is the column and green the row."""
    rows, columns = np.indices((height, width))
    return Image.fromarray(np.stack([columns, rows, np.zeros_like(rows)], axis=-1).astype(np.uint8))


def test_the_crop_is_that_square():
    """30 pixels about (50, 40), not resized: columns 35 to 64, rows 25 to 54."""
    face, box = crop_face(marked(), lambda image: [(40, 30, 20, 20)], size=30)
    pixels = np.asarray(face)
    assert pixels[0, :, 0].tolist() == list(range(35, 65))
    assert pixels[:, 0, 1].tolist() == list(range(25, 55))
    assert box == (40, 30, 20, 20)


def test_a_clipped_crop_is_cut_to_a_square_and_not_stretched():
    """About (50, 10) there are only 25 of 30 rows: of the 30 columns the middle 25 stay."""
    face, _ = crop_face(marked(), lambda image: [(40, 0, 20, 20)], size=25)
    pixels = np.asarray(face)
    assert pixels[0, :, 0].tolist() == list(range(37, 62))
    assert pixels[:, 0, 1].tolist() == list(range(25))


def test_the_largest_box_is_taken_and_resized():
    seen = []

    def detect(image):
        seen.append((image.shape, image.dtype))
        return np.array([[0, 0, 8, 8], [40, 30, 20, 20], [70, 50, 10, 10]])

    face, box = crop_face(marked(), detect)
    assert box == (40, 30, 20, 20)
    assert face.size == (128, 128)
    assert seen == [((80, 100, 3), np.uint8)]
    assert crop_face(marked(), lambda image: []) is None


@pytest.mark.parametrize(("detect", "options", "message"), [
    (lambda image: [(1, 1, 9, 9)], {"scale": 0.5}, r"scale must be in \[1, 10\], got 0\.5"),
    (lambda image: [(1, 1, 9, 9)], {"size": 0}, "size must be an integer"),
    (lambda image: [(1, 1, 0, 9)], {}, r"detect must give boxes of at least one pixel, got \(1\.0, 1\.0, 0\.0, 9\.0\)"),
])
def test_what_does_not_fit_is_named(detect, options, message):
    with pytest.raises(ValueError, match=message):
        crop_face(marked(), detect, **options)
