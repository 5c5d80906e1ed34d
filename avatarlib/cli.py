"""The command ``avatarlib``: train, sample, evaluate, data, export. ``avatarlib COMMAND --help`` explains each."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

import torch
from torchvision.transforms.v2.functional import to_pil_image
from torchvision.utils import make_grid

from avatarlib import pretrained
from avatarlib.cli_data import add_data, png_file
from avatarlib.cli_train import add_data_options, add_train, open_data, options_for
from avatarlib.cli_types import whole
from avatarlib.data import to_uint8
from avatarlib.data.files import user_path
from avatarlib.export import export_run
from avatarlib.metrics import compare
from avatarlib.models import acgan, dcgan
from avatarlib.text_to_avatar import AT_ONCE, draw_text, draw_wishes
from avatarlib.training import NonFiniteLossError
from avatarlib.training.files import write_atomically
from avatarlib.version import __version__


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; a bad input ends with its message and status 2, not with a traceback."""
    options = build_parser().parse_args(arguments)
    try:
        options.run(options)
    except (ValueError, OSError, NonFiniteLossError) as error:
        print(f"avatarlib: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("avatarlib: interrupted; run the same command to go on from the last checkpoint", file=sys.stderr)
        return 130
    return 0


def build_parser() -> argparse.ArgumentParser:
    """All commands and their options."""
    parser = argparse.ArgumentParser(prog="avatarlib", description="Cartoon avatars with GANs.")
    parser.add_argument("--version", action="version", version=__version__)
    commands = parser.add_subparsers(title="commands", required=True, metavar="COMMAND")
    for add in (add_train, add_sample, add_evaluate, add_data, add_export):
        add(commands)
    return parser


def add_sample(commands: argparse._SubParsersAction) -> None:
    """avatarlib sample NAME"""
    command = commands.add_parser("sample", help="draw avatars from a shipped or exported model")
    command.add_argument("model", help=f"a folder, or one of: {', '.join(pretrained.names('Generator'))}")
    command.add_argument("--n", type=whole(1), default=16, help="how many (default %(default)s)")
    command.add_argument("--seed", type=whole(0), default=0)
    command.add_argument("--text", help="what the avatars should look like, for a generator that takes tags")
    command.add_argument("--out", type=png_file, default=Path("avatars.png"), help="PNG file (default %(default)s)")
    command.set_defaults(run=sample)


def generate(model: str, n: int, seed: int, text: str | None = None) -> torch.Tensor:
    """``n`` pictures of a generator, from a description where it takes tags: uint8, drawn a few at a time."""
    network, rng = pretrained.load(model), torch.Generator().manual_seed(seed)
    if isinstance(network, acgan.Generator):
        prior = options_for(pretrained.data(model).get("name", "")).get("prior", "paper")
        if text is None:
            return to_uint8(draw_wishes(network, n, seed=seed, prior=prior)[0])
        drawn = draw_text(network, text, n, seed=seed, prior=prior)
        print(drawn.description)
        return to_uint8(drawn.images)
    if text is not None:
        raise ValueError(f"--text needs a generator that takes tags, got {model!r}, a {type(network).__name__}")
    if not isinstance(network, dcgan.Generator):
        raise ValueError(f"model must be a generator, one of {', '.join(pretrained.names('Generator'))} or a folder "
                         f"with one, got {model!r}, a {type(network).__name__}")
    return torch.cat([to_uint8(network.sample(min(AT_ONCE, n - start), generator=rng))
                      for start in range(0, n, AT_ONCE)])


def sample(options: argparse.Namespace) -> None:
    """Write a grid of generated avatars."""
    images = generate(options.model, options.n, options.seed, options.text)
    grid = to_pil_image(make_grid(images, nrow=max(1, round(options.n ** 0.5)), pad_value=255))
    write_atomically(options.out, grid.save)
    print(options.out)


def add_evaluate(commands: argparse._SubParsersAction) -> None:
    """avatarlib evaluate NAME"""
    command = commands.add_parser("evaluate", help="SSIM and PSNR under protocols P1, P2 and P4")
    command.add_argument("model", help=f"a folder, or one of: {', '.join(pretrained.names('Generator'))}")
    add_data_options(command)
    command.add_argument("--n", type=whole(2), default=500, help="pairs a row (default %(default)s)")
    command.set_defaults(run=evaluate)


def evaluate(options: argparse.Namespace) -> None:
    """Print the table of a model beside real against real, by default of the set that it was trained on."""
    size = generate(options.model, 1, options.seed).shape[-1]
    if options.size not in (None, size):
        raise ValueError(f"--size must be {size}, that of the model's pictures, got {options.size}")
    if options.data is None and options.style is None:
        told = pretrained.data(options.model).get("name", "a set that it does not tell")
        if not options_for(told):
            raise ValueError(f"--data must be given for {options.model!r}: it was trained on {told}")
        vars(options).update({"prior": None, **options_for(told)})
    options.size, count = size, options.count or 2 * options.n
    train_set, test_set = open_data(options, count), open_data(options, count, "test")
    print(f"beside {train_set}")
    fake = generate(options.model, 2 * options.n, options.seed)
    print(compare(fake, train_set, test_set, n=options.n, seed=options.seed).round(3).to_string())


def add_export(commands: argparse._SubParsersAction) -> None:
    """avatarlib export RUN FOLDER"""
    command = commands.add_parser("export", help="turn a run into a folder that load() and the Hub read")
    command.add_argument("run_dir", type=user_path)
    command.add_argument("folder", type=user_path)
    command.add_argument("--epoch", type=whole(1), help="a snapshot of this epoch instead of the last weights")
    command.set_defaults(run=lambda o: print(export_run(o.run_dir, o.folder, epoch=o.epoch)))


if __name__ == "__main__":
    sys.exit(main())
