"""The command ``avatarlib data``: prepare a data set. ``avatarlib data SET --help`` explains each."""

from __future__ import annotations

import argparse
import os
from collections.abc import Callable
from pathlib import Path

from torch import Tensor
from torchvision.utils import make_grid, save_image

from avatarlib import pretrained
from avatarlib.cli.files import crop_folder, smooth_folder
from avatarlib.data import (
    TAGS,
    TRAINING_COUNTS,
    AvatarSet,
    CartoonSet,
    CascadeDetector,
    FaceSet,
    ImageSet,
    PictureFolder,
    TaggedAvatarSet,
    avatar_styles,
    read_probabilities,
    tags_from_probabilities,
)
from avatarlib.data.faceset.packs import HALVES, SPLITS
from avatarlib.data.files.paths import shown, user_path
from avatarlib.data.real.illustration2vec import THRESHOLD, write_tags
from avatarlib.data.tags import PRIORS, TRAINING_IMAGES
from avatarlib.models.tagger import Tagger
from avatarlib.runs.base import in_batches
from avatarlib.training.files import write_atomically

__all__ = ["add_data"]


def add_data(commands: argparse._SubParsersAction) -> None:
    """avatarlib data avatarset | faceset | tags | cartoonset | smooth | crop"""
    command = commands.add_parser("data", help="prepare a data set")
    sets = command.add_subparsers(title="data sets", required=True, metavar="SET")
    for add in (add_avatarset, add_faceset, add_tags, add_cartoonset, add_smooth, add_crop):
        add(sets)


def add_drawing_options(command: argparse.ArgumentParser, *, count: int, size: int) -> None:
    """Options of all sets that are drawn here."""
    command.add_argument("--count", type=int, default=count, help="how many (default %(default)s)")
    command.add_argument("--size", type=int, default=size, help="pixels a side (default %(default)s)")
    command.add_argument("--seed", type=int, default=0, help="which sequence (default %(default)s)")
    command.add_argument("--split", choices=("train", "test"), default="train", help="(default %(default)s)")
    command.add_argument("--grid", type=png_file, help="also write the first 64 as this PNG")


def new_file(text: str) -> Path:
    """The type of an option that names a file to write: looked at before the work, not after it."""
    path = user_path(text)
    above = next(folder for folder in path.absolute().parents if folder.exists())
    if path.is_dir() or not above.is_dir() or not os.access(above, os.W_OK):
        raise argparse.ArgumentTypeError(f"must be a file that can be written, got {text!r}")
    return path


def png_file(text: str) -> Path:
    """The type of an option that names a PNG file to write."""
    if not text.lower().endswith(".png"):
        raise argparse.ArgumentTypeError(f"must be a file that ends in .png, got {text!r}")
    return new_file(text)


def add_avatarset(sets: argparse._SubParsersAction) -> None:
    """avatarlib data avatarset"""
    command = sets.add_parser("avatarset", help="draw avatars, offline",
                              description="Draw labelled cartoon avatars into the cache, offline.")
    command.add_argument("--style", default="avataaars", help=f"one of: {', '.join(avatar_styles())}")
    add_drawing_options(command, count=10_000, size=64)
    command.set_defaults(run=lambda o: show(AvatarSet(o.style, size=o.size, count=o.count, seed=o.seed, split=o.split),
                                            o.grid))


def add_faceset(sets: argparse._SubParsersAction) -> None:
    """avatarlib data faceset"""
    command = sets.add_parser("faceset", help="rendered heads as photographs, or as the drawings hidden in them",
                              description="Put FaceSet's heads into the cache as photographs, or draw them as cel or "
                                          "anime cartoons from what the renderer knew of each pixel.")
    command.add_argument("--look", choices=("photo", "cel", "anime"), default="photo", help="(default %(default)s)")
    command.add_argument("--count", type=int, help="how many (default: all)")
    command.add_argument("--size", type=int, default=128, help="pixels a side (default %(default)s)")
    command.add_argument("--split", choices=SPLITS, default="train", help="(default %(default)s)")
    command.add_argument("--half", choices=HALVES, help="half of the split: photographs of one and drawings of the "
                                                        "other show different heads (default: both)")
    command.add_argument("--grid", type=png_file, help="also write the first 64 as this PNG")
    command.set_defaults(run=lambda o: show(FaceSet(o.size, o.split, look=o.look, half=o.half, count=o.count), o.grid))


def add_tags(sets: argparse._SubParsersAction) -> None:
    """avatarlib data tags"""
    command = sets.add_parser(
        "tags", help="draw avatars from the 34 tags, or estimate the tags of pictures",
        description="Draw avatars from the 34 tags into the cache, offline; or write a table of tags: with --from-csv "
                    "from probabilities as Illustration2Vec gives them, with --from-folder from pictures of avatars, "
                    "by the shipped tagger. Prints how often each tag occurs.")
    add_drawing_options(command, count=10_000, size=128)
    command.add_argument("--prior", choices=PRIORS, default="paper", help="how tags are drawn (default %(default)s)")
    command.add_argument("--from-csv", type=user_path, metavar="CSV",
                         help="a table with a column 'file' and p_0 to p_33, or columns named by the tags")
    command.add_argument("--from-folder", type=user_path, metavar="DIR",
                         help="drawn avatars, whose tags the shipped tagger estimates")
    command.add_argument("--out", type=new_file, help="table of tags to write (with --from-csv or --from-folder)")
    command.add_argument("--threshold", type=float, default=THRESHOLD,
                         help="of tags outside the colour groups (with --from-csv; default %(default)s)")
    command.set_defaults(run=tags)


def tags(options: argparse.Namespace) -> None:
    """Draw avatars from tags, or estimate tags and write their table; then count."""
    sources = [source for source in (options.from_csv, options.from_folder) if source is not None]
    if len(sources) > 1 or bool(sources) != (options.out is not None):
        raise ValueError("--out must be given together with one of --from-csv and --from-folder, and not alone")
    if not sources:
        data = TaggedAvatarSet(size=options.size, count=options.count, seed=options.seed, split=options.split,
                               prior=options.prior)
        show(data, options.grid, list_attributes=False)
        print(tag_counts(data.tags))
        return
    if options.from_csv:
        files, probabilities = read_probabilities(options.from_csv)
        if not files:
            raise ValueError(f"--from-csv must name pictures, got none in {str(options.from_csv)!r}")
        found = tags_from_probabilities(probabilities, threshold=options.threshold)
    else:
        files, found = estimate_tags(options.from_folder)
    write_atomically(options.out, lambda partial: write_tags(partial, files, found))
    print(tag_counts(found))
    print(shown(options.out))


def estimate_tags(folder: Path) -> tuple[list[str], Tensor]:
    """Files under a folder and their tags, by the tagger; it knows the drawing style of TaggedAvatarSet only."""
    tagger = pretrained.load("tagger-avatars")
    assert isinstance(tagger, Tagger)
    pictures = PictureFolder(folder, size=tagger.size)
    files = [file.relative_to(folder).as_posix() for file in pictures.files]
    return files, in_batches(tagger.estimate_tags, pictures, progress=True)


def tag_counts(tags: Tensor) -> str:
    """How often each tag stands in ``tags`` (N, 34), beside Jin et al.'s training images."""
    lines = [f"{'tag':14}{'here':>9}{'share':>9}{'Jin et al.':>13}{'share':>9}"]
    for tag, count in zip(TAGS, tags.sum(0).int().tolist(), strict=True):
        theirs = TRAINING_COUNTS[tag]
        lines.append(f"{tag:14}{count:9,}{count / len(tags):9.1%}{theirs:13,}{theirs / TRAINING_IMAGES:9.1%}")
    lines.append(f"{'pictures':14}{len(tags):9,}{'':9}{TRAINING_IMAGES:13,}")
    return "\n".join(lines)


def add_cartoonset(sets: argparse._SubParsersAction) -> None:
    """avatarlib data cartoonset"""
    command = sets.add_parser("cartoonset", help="download Google's CartoonSet (CC BY 4.0)")
    command.add_argument("--variant", choices=("10k", "100k"), default="10k")
    command.add_argument("--size", type=int, default=64)
    command.add_argument("--grid", type=png_file, help="also write the first 64 as this PNG")
    command.set_defaults(run=lambda o: show(CartoonSet(variant=o.variant, size=o.size, download=True), o.grid))


def add_folders(command: argparse.ArgumentParser, work: Callable[[argparse.Namespace], dict[str, int]]) -> None:
    """The two folders of a command that turns picture files into others, and what is said in the end."""
    def run(options: argparse.Namespace) -> None:
        counts = sorted(work(options).items())
        print(", ".join(f"{count:,} {what}" for what, count in counts), f"-> {shown(options.target)}")

    command.add_argument("source", type=user_path, metavar="IN", help="folder of pictures, with subfolders")
    command.add_argument("target", type=user_path, metavar="OUT", help="folder of the results; run again to go on")
    command.set_defaults(run=run)


def add_smooth(sets: argparse._SubParsersAction) -> None:
    """avatarlib data smooth IN OUT"""
    command = sets.add_parser("smooth", help="blur the edges of cartoons, as CartoonGAN does",
                              description="Write every picture of IN as PNG into OUT, cut to a square, resized, and "
                                          "with blurred edges (Canny, dilation, Gaussian inside the mask). Loaders "
                                          "of CartoonGAN's folders do this by themselves and cache it.")
    command.add_argument("--size", type=int, default=256, help="pixels a side (default %(default)s)")
    add_folders(command, lambda o: smooth_folder(o.source, o.target, size=o.size))


def add_crop(sets: argparse._SubParsersAction) -> None:
    """avatarlib data crop IN OUT --cascade XML"""
    command = sets.add_parser("crop", help="cut faces out of scraped pictures",
                              description="Find the largest face in every picture of IN, enlarge its box about its "
                                          "centre, cut it out, resize it and write it as PNG into OUT, with a table "
                                          "of what was found.")
    command.add_argument("--cascade", type=user_path, required=True, metavar="XML",
                         help="LBP cascade, such as lbpcascade_animeface.xml (github.com/nagadomi)")
    command.add_argument("--size", type=int, default=128, help="pixels a side (default %(default)s)")
    command.add_argument("--scale", type=float, default=1.5, help="crop over box (default %(default)s)")
    command.add_argument("--drop-duplicates", action="store_true",
                         help="take only the largest of pictures that are there in several sizes, saved again or "
                              "darker. Off by default, because an expression that moves only an eyebrow may pass for "
                              "a copy; what differs in a colour does not")
    add_folders(command, lambda o: crop_folder(
        o.source, o.target, CascadeDetector(o.cascade), cascade=o.cascade, size=o.size, scale=o.scale,
        drop_duplicates=o.drop_duplicates))


def show(data: ImageSet, grid: Path | None, *, list_attributes: bool = True) -> None:
    """Say what a set holds; draw its beginning if asked."""
    print(data)
    for attribute, names in data.schema.items() if list_attributes else ():
        print(f"  {attribute}: {len(names)} categories")
    if grid is not None:
        pictures = make_grid(data.batch(slice(0, 64))["image"], normalize=True, value_range=(-1, 1), pad_value=1)
        write_atomically(grid, lambda partial: save_image(pictures, partial))
        print(shown(grid))
