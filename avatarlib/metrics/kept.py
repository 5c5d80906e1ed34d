"""What of a person a drawing keeps: colours, by regions; glasses or a beard, by a small judge of each."""

from __future__ import annotations

import itertools

import torch
from skimage.color import rgb2lab
from torch import Tensor, nn
from torch.nn import functional as F

from avatarlib.metrics.baselines import check_pictures
from avatarlib.metrics.images import to_intensity

__all__ = ["AT_EYES", "AT_MOUTH", "StripJudge", "face_strips", "nearest_colours", "region_colours", "train_judge"]

LEAST = 100                 # pixels of a region whose colour is told
STRIP = (32, 80)            # height and width of what a judge sees
REACH = (0.6, 1.5)          # half of them, in distances between the two places
Places = tuple[slice, slice]                        # two groups of the 68 iBUG points, left and right
AT_EYES: Places = (slice(36, 42), slice(42, 48))
AT_MOUTH: Places = (slice(48, 49), slice(54, 55))      # its corners
BATCH = 64


def region_colours(images: Tensor, where: Tensor, *, least: int = LEAST) -> Tensor:
    """The median colour of each picture within a region, in CIELAB (D65).

    Parameters
    ----------
    images : Tensor
        (N, 3, H, W) in [-1, 1].
    where : Tensor
        Booleans (N, H, W).
    least : int
        Pixels of a region whose colour is told.

    Returns
    -------
    Tensor
        (N, 3): L in [0, 100], a and b; not a number where the region has fewer pixels.

    Raises
    ------
    ValueError
        If a shape or range is none of these.

    Examples
    --------
    >>> import torch
    >>> from avatarlib.metrics import region_colours
    >>> white, top = torch.ones(2, 3, 16, 16), torch.zeros(2, 16, 16, dtype=torch.bool)
    >>> top[0, :8] = True                                       # the second picture has no such region
    >>> [round(lightness, 2) for lightness in region_colours(white, top)[:, 0].tolist()]
    [100.0, nan]
    """
    check_pictures("images", images)
    if where.dtype != torch.bool or where.shape != images[:, 0].shape:
        raise ValueError(f"where must be booleans {tuple(images[:, 0].shape)}, got {where.dtype} {tuple(where.shape)}")
    medians = [image[:, region].median(1).values if region.sum() >= least else torch.full((3,), torch.nan)
               for image, region in zip(to_intensity(images.float().cpu()), where.cpu(), strict=True)]
    return torch.from_numpy(rgb2lab(torch.stack(medians).numpy())).float()


def nearest_colours(colours: Tensor, known: Tensor) -> Tensor:
    """Which of the ``known`` colours (K, 3) each of ``colours`` (N, 3) is nearest to, in CIELAB: int64 (N,).

    The distance is CIE 1976's. A colour that is not a number gives -1.

    Raises
    ------
    ValueError
        If a shape is none of these.

    Examples
    --------
    >>> import torch
    >>> from avatarlib.metrics import nearest_colours
    >>> black_grey_white = torch.tensor([[0.0, 0.0, 0.0], [50.0, 0.0, 0.0], [100.0, 0.0, 0.0]])
    >>> nearest_colours(torch.tensor([[60.0, 9.0, 0.0], [torch.nan] * 3]), black_grey_white).tolist()
    [1, -1]
    """
    for name, given in (("colours", colours), ("known", known)):
        if given.ndim != 2 or given.shape[1] != 3:
            raise ValueError(f"{name} must be (rows, 3), got {tuple(given.shape)}")
    nearest = torch.cdist(colours.nan_to_num(), known).argmin(1)
    return torch.where(colours.isnan().any(1), -1, nearest)


def face_strips(images: Tensor, landmarks: Tensor, *, places: Places = AT_EYES, shift: Tensor | None = None) -> Tensor:
    """The part of each picture around two places of the face, upright and of one size.

    Parameters
    ----------
    images : Tensor
        (N, 3, H, W) in [-1, 1].
    landmarks : Tensor
        (N, 68, 2): the iBUG points (x, y) in pixels.
    places : (slice, slice)
        Groups of landmarks, left and right, whose means are the two places: by default the eyes, for glasses.
    shift : Tensor, optional
        (N, 4): move across and along, in distances between the places; turn, in radians; enlarge; 0 is no change.

    Returns
    -------
    Tensor
        (N, 3, 32, 80).

    Raises
    ------
    ValueError
        If a shape or range is none of these.

    Examples
    --------
    >>> import torch
    >>> from avatarlib.metrics import face_strips
    >>> landmarks = torch.zeros(1, 68, 2)
    >>> landmarks[:, 36:42], landmarks[:, 42:48] = torch.tensor([24.0, 32.0]), torch.tensor([40.0, 32.0])   # eyes
    >>> image = torch.zeros(1, 3, 64, 64)
    >>> image[:, :, 32] = 1.0                                   # a white line through both
    >>> strip = face_strips(image, landmarks)
    >>> tuple(strip.shape), sorted(strip.mean((0, 1, 3)).topk(2).indices.tolist())     # in its middle rows
    ((1, 3, 32, 80), [15, 16])
    """
    check_pictures("images", images)
    if landmarks.shape != (len(images), 68, 2):
        raise ValueError(f"landmarks must be ({len(images)}, 68, 2), got {tuple(landmarks.shape)}")
    left, right = (landmarks[:, place].float().mean(1) for place in places)
    move = torch.zeros(len(images), 4) if shift is None else shift
    axis = right - left                                             # (N, 2)
    turned = torch.atan2(axis[:, 1], axis[:, 0]) + move[:, 2]
    apart = axis.norm(dim=1).clamp(min=1)
    across = torch.stack([turned.cos(), turned.sin()], 1)
    along = torch.stack([-turned.sin(), turned.cos()], 1)
    middle = (left + right) / 2 + apart[:, None] * (move[:, :1] * across + move[:, 1:2] * along)
    reach = apart * (1 + move[:, 3])
    v, u = torch.meshgrid(*(torch.linspace(-1, 1, side) * r for side, r in zip(STRIP, REACH, strict=True)),
                          indexing="ij")
    at = middle[:, None, None] + reach[:, None, None, None] * (
        u[..., None] * across[:, None, None] + v[..., None] * along[:, None, None])       # (N, 32, 80, 2) pixels
    sides = torch.tensor([images.shape[3], images.shape[2]])
    return F.grid_sample(images.float(), (2 * at + 1) / sides - 1, mode="bilinear", padding_mode="border",
                         align_corners=False)


class StripJudge(nn.Module):
    """Strips (N, 3, 32, 80) in [-1, 1] -> logits (N,) of something being there; 23,825 parameters. Ours.

    Parameters
    ----------
    places : (slice, slice)
        Around which landmarks the strips are cut; see ``face_strips``.

    Examples
    --------
    >>> import torch
    >>> from avatarlib.metrics import StripJudge
    >>> judge = StripJudge()
    >>> sum(weight.numel() for weight in judge.parameters()), tuple(judge(torch.zeros(4, 3, 32, 80)).shape)
    (23825, (4,))
    """

    def __init__(self, places: Places = AT_EYES) -> None:
        super().__init__()
        self.places = places
        widths = (3, 16, 32, 64)
        layers = [layer for inputs, outputs in itertools.pairwise(widths)
                  for layer in (nn.Conv2d(inputs, outputs, 3, 2, 1, bias=False), nn.BatchNorm2d(outputs), nn.ReLU())]
        self.layers = nn.Sequential(*layers, nn.AdaptiveMaxPool2d((1, 2)), nn.Flatten(), nn.Linear(128, 1))

    def forward(self, strips: Tensor) -> Tensor:
        return self.layers(strips)[:, 0]

    @torch.no_grad()
    def sees(self, images: Tensor, landmarks: Tensor) -> Tensor:
        """Whether each picture (N, 3, H, W) in [-1, 1] has it at its places of ``landmarks``: booleans (N,)."""
        strips = face_strips(images, landmarks, places=self.places)
        return torch.cat([self(part) > 0 for part in strips.split(BATCH)])


def train_judge(images: Tensor, landmarks: Tensor, present: Tensor, *, steps: int, seed: int,
                places: Places = AT_EYES) -> StripJudge:
    """Teach a judge which drawings have something, such as glasses; half of every batch has.

    Strips are mirrored, moved, turned, scaled, blurred and changed in contrast and brightness at random, so that a
    translation's softer lines are judged as well as a drawing's.

    Parameters
    ----------
    images, landmarks, places
        As in ``face_strips``.
    present : Tensor
        Booleans (N,), some true and some false.
    steps : int
        Of Adam, 64 pictures each.
    seed : int
        Of weights and draws; the global generator is left as it was.

    Raises
    ------
    ValueError
        If a shape is none of these, or all heads have it, or none.

    Examples
    --------
    >>> import torch
    >>> from avatarlib.metrics import train_judge
    >>> images, landmarks = torch.rand(4, 3, 64, 64), 64 * torch.rand(4, 68, 2)
    >>> judge = train_judge(images, landmarks, torch.tensor([True, True, False, False]), steps=1, seed=0)
    >>> tuple(judge.sees(images, landmarks).shape), judge.training
    ((4,), False)
    """
    if present.dtype != torch.bool or present.shape != (len(images),) or present.all() or not present.any():
        raise ValueError(f"present must be booleans ({len(images)},), some true and some false, "
                         f"got {present.dtype} {tuple(present.shape)}, {int(present.sum())} true")
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        judge = StripJudge(places)
        optimiser = torch.optim.AdamW(judge.parameters(), 2e-3, weight_decay=0.01)
        schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimiser, steps)
        weights = torch.where(present, 0.5 / present.sum(), 0.5 / (~present).sum())
        for _ in range(steps):
            rows = torch.multinomial(weights, BATCH, replacement=True)
            strips = changed(face_strips(images[rows], landmarks[rows], places=places,
                                         shift=torch.randn(BATCH, 4) * 0.06))
            loss = F.binary_cross_entropy_with_logits(judge(strips), present[rows].float())
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()
            schedule.step()
    return judge.eval()


def changed(strips: Tensor) -> Tensor:
    """Strips mirrored, blurred, and of other contrast and brightness, each half of the time or by chance."""
    n = len(strips)
    strips = torch.where(torch.rand(n, 1, 1, 1) < 0.5, strips.flip(3), strips)
    soft = F.avg_pool2d(F.pad(strips, (1, 1, 1, 1), mode="replicate"), 3, 1)
    strips = torch.lerp(strips, soft, torch.rand(n, 1, 1, 1) * (torch.rand(n, 1, 1, 1) < 0.5))
    strips = strips * torch.empty(n, 1, 1, 1).uniform_(0.7, 1.3) + torch.randn(n, 3, 1, 1) * 0.15
    return (strips + 0.05 * torch.randn_like(strips)).clamp(-1, 1)
