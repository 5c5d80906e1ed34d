"""From a training run to a shipped judge: averaged weights, its examination on held-out pictures, model card."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd

from avatarlib import judges, pretrained
from avatarlib.models.landmarks import LandmarkNet
from avatarlib.models.tagger import Tagger
from avatarlib.recipes import LandmarkConfig, TaggerConfig
from avatarlib.stages import devices, images_a_round
from avatarlib.training.checkpoint import load_checkpoint
from avatarlib.training.files import write_atomically
from avatarlib.training.history import History

__all__ = ["export_landmarks", "export_tagger"]

HELD_OUT = 6_000       # pictures of the test split that a card's figures come from

TAGGER_CARD = """---
license: cc-by-4.0
library_name: avatarlib
tags: [image-classification, avatars, tags]
---
# {name}

Estimates the 34 tags of an avatar (hair and eye colour, hair style, blush, smile, open mouth, hat, ribbon,
glasses) and the {attributes} attributes of the style avataaars; its last layer's input is {features} features
for t-SNE and Fréchet distances. A residual network of {parameters:,} parameters: pictures of any size in
[-1, 1] in, resized to {size} px, antialiased. Weights: exponential moving average (decay {ema_decay}), float16.

| | |
|---|---|
| data | {count:,} drawn pictures of {data_size} px: half TaggedAvatarSet (adventurer), half avataaars |
| augmentation | small turns, scales and shifts; bent lines, grain, lower resolution, blur, erased patches, noise |
| training | {rounds:,} rounds of {batch} ({images:,} pictures seen), AdamW, seed {seed} |
| time | {minutes:.0f} minutes on {device} |

**Held out:** {n_tags:,} tagged avatars and {n_attributes:,} avataaars of the test split, never seen in training,
drawn without flaws, seed {seed}. Macro F1 over the {drawable} tags that occur: **{macro:.4f}**; mean accuracy over
attributes: {accuracy:.4f}.

{tags}

{attribute_table}

`measures.csv` and `attributes.csv` hold these tables, `history.csv` the losses.

**Artwork.** adventurer by Lisa Wischofsky, CC BY 4.0; avataaars by Pablo Stanley, free for personal and
commercial use. The weights are CC BY 4.0.

**Limits.** It knows these two drawing styles. On other art its answers mean little, and so do its features. It
has seen drawings with mild flaws, and no generated pictures. An attribute that cannot be seen (the colour of a
hat that is not worn) cannot be judged. Its Fréchet distance is not an FID: the numbers cannot be compared.
"""

LANDMARK_CARD = """---
license: cc-by-4.0
library_name: avatarlib
tags: [keypoint-detection, avatars, landmarks]
---
# {name}

Finds {points} in portraits and in drawn avatars. A U-Net of {parameters:,} parameters with a soft-argmax:
differentiable from pixels to coordinates. Pictures of any size in [-1, 1] in, resized to {size} px; landmarks in
pixels of the input out. Weights: exponential moving average (decay {ema_decay}), float16.

| | |
|---|---|
| data | {count:,} pictures of {data_size} px: PortraitSet (toon-head, avataaars) and the drawings under it |
| augmentation | turns to 15 degrees, scales, shifts; bent lines, grain, lower resolution, blur, erased patches, noise |
| training | {rounds:,} rounds of {batch} ({images:,} pictures seen), AdamW, seed {seed} |
| time | {minutes:.0f} minutes on {device} |

**Held out:** {n:,} portraits and {n:,} drawings of people of the test split, seed {seed}, without flaws. Error as
distance in pixels at {data_size} px, and in per cent of the distance between the eyes (mean, and 95th percentile):

{measures}

`measures.csv` holds this table, `history.csv` the losses.

**Artwork.** toon-head by Johan Melin, CC BY 4.0; avataaars by Pablo Stanley, free for personal and commercial
use. The weights are CC BY 4.0.

**Limits.** It knows these two styles, drawn and lit as portraits, nearly upright and facing us. It has seen no
photograph of a person and finds nothing sensible in one.
"""


def restore(recipe: Any, run_dir: Path, progress: dict[str, Any], name: str) -> tuple[Any, dict[str, Any]]:
    """The averaged network of a run, and what every card says of it."""
    load_checkpoint(run_dir / "checkpoint.safetensors", recipe)
    network, config, identity = recipe.averaged(next(iter(recipe.networks))), recipe.config, progress["identity"]
    return network, {"parameters": sum(p.numel() for p in network.parameters()), "size": config.size,
                     "ema_decay": config.ema_decay, "count": identity["count"], "data_size": identity["size"],
                     "rounds": progress["step"], "batch": images_a_round(progress), "seed": identity["seed"],
                     "images": progress["step"] * images_a_round(progress), "minutes": progress["minutes"],
                     "device": devices([progress]), "name": name}


def export_tagger(run_dir: Path, folder: Path, progress: dict[str, Any], history: History) -> Path:
    """Examine the tagger of a run on held-out avatars and write its folder."""
    identity = progress["identity"]
    recipe = judges.tagger_recipe(TaggerConfig(**identity["config"]), seed=identity["seed"])
    tagger, facts = restore(recipe, run_dir, progress, folder.name)
    assert isinstance(tagger, Tagger)
    tagged, avatars = judges.tagger_sets(HELD_OUT, identity["size"], seed=identity["seed"], split="test")
    tags, attributes = judges.examine_tags(tagger, tagged), judges.examine_attributes(tagger, avatars)
    seen = tags[tags["n"] > 0]
    card = TAGGER_CARD.format(
        **facts, attributes=len(attributes), features=tagger.head.in_features, n_tags=len(tagged),
        n_attributes=len(avatars), drawable=len(seen), macro=seen["f1"].mean(), accuracy=attributes["accuracy"].mean(),
        tags=markdown(tags), attribute_table=markdown(attributes))
    settings = {"tags": list(tagger.tags), "exclusive": [list(pair) for pair in tagger.exclusive],
                "attributes": {name: list(names) for name, names in tagger.attributes.items()},
                "width": recipe.config.width, "size": tagger.size}
    pretrained.save(folder, tagger, model_class="tagger.Tagger", settings=settings,
                    trained={"rounds": progress["step"]}, data=identity, card=card, history=history)
    write_table(folder / "measures.csv", tags)
    write_table(folder / "attributes.csv", attributes)
    return folder


def export_landmarks(run_dir: Path, folder: Path, progress: dict[str, Any], history: History) -> Path:
    """Examine the landmark network of a run on held-out portraits and drawings and write its folder."""
    identity = progress["identity"]
    recipe = judges.landmark_recipe(LandmarkConfig(**identity["config"]), seed=identity["seed"])
    network, facts = restore(recipe, run_dir, progress, folder.name)
    assert isinstance(network, LandmarkNet)
    sets = judges.landmark_sets(HELD_OUT // 6, identity["size"], seed=identity["seed"], split="test")
    measures = pd.concat({name: judges.examine_landmarks(network, data) for name, data in sets.items()},
                         names=["set", "landmark"]).reset_index(level=1)
    card = LANDMARK_CARD.format(**facts, points=", ".join(network.points), n=len(sets["portraits"]),
                                measures=markdown(measures))
    pretrained.save(folder, network, model_class="landmarks.LandmarkNet",
                    settings={"points": list(network.points), "width": recipe.config.width, "size": network.size},
                    trained={"rounds": progress["step"]}, data=identity, card=card, history=history)
    write_table(folder / "measures.csv", measures)
    return folder


def markdown(frame: pd.DataFrame) -> str:
    """A table in Markdown, fractions to four digits."""
    columns = [str(frame.index.name or ""), *map(str, frame.columns)]
    rows = [[str(index), *(f"{value:.4f}" if isinstance(value, float) else str(value) for value in row)]
            for index, row in zip(frame.index, frame.itertuples(index=False), strict=True)]
    return "\n".join("| " + " | ".join(row) + " |" for row in [columns, ["---"] * len(columns), *rows])


def write_table(path: Path, frame: pd.DataFrame) -> None:
    """Write a CSV file, whole or not at all."""
    write_atomically(path, lambda partial: frame.to_csv(partial))
