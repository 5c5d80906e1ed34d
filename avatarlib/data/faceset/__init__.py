"""FaceSet: photograph-like heads that were rendered, and the drawings hidden in their buffers."""

from avatarlib.data.faceset.drawing import Picture, draw, photograph
from avatarlib.data.faceset.faces import FaceSet
from avatarlib.data.faceset.heads import REGIONS, Head
from avatarlib.data.faceset.packs import find_packs, half_of, load_head, split_of

__all__ = ["REGIONS", "FaceSet", "Head", "Picture", "draw", "find_packs", "half_of", "load_head", "photograph",
           "split_of"]
