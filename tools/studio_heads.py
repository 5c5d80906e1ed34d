"""Heads to try the studio's translators on, the drawings hidden in them, and where a face lies in such a picture."""

from __future__ import annotations

import base64
import io
import json

from PIL import Image

from avatarlib.data import FaceSet

SIZE = 160          # pixels a side: that of the rendered photographs
LOOKS = ("photo", "cel", "anime")
PARTS = {"left": slice(36, 42), "right": slice(42, 48), "mouth": slice(48, 68)}     # iBUG's points of eyes and mouth
SHOWN = 6           # heads


def heads_script() -> str:
    """``heads.js``: validation heads as photographs and drawings, and the mean middles of eyes and mouth as shares."""
    sets = {look: FaceSet(SIZE, "validation", look=look, progress=False) for look in LOOKS}
    points = (sets["photo"].extras["landmarks"] + 0.5) / SIZE
    frame = {name: points[:, part].mean((0, 1)).round(4).tolist() for name, part in PARTS.items()}
    pictures = [{look: data_uri(faces, number) for look, faces in sets.items()} for number in range(SHOWN)]
    return ("window.AvatarStudio = window.AvatarStudio || {};\n"
            f"AvatarStudio.heads = {json.dumps({'frame': frame, 'pictures': pictures})};\n")


def data_uri(faces: FaceSet, number: int) -> str:
    """A picture as text: a page at file:// may not look into the pixels of another file."""
    stream = io.BytesIO()
    Image.fromarray(faces.images[number].transpose(1, 2, 0)).save(stream, "webp", quality=90)
    return "data:image/webp;base64," + base64.b64encode(stream.getvalue()).decode()
