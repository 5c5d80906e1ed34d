"""Geometry first: landmarks tell where a face is, a warp carries them where a drawing has them, a network draws.

The division of labour is that of CariGANs (Cao et al. 2018), who learn both halves as translations; here the first half
is a formula, the optimal transport between two Gaussians (Dowson and Landau 1982), whose price is Fréchet's distance.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
import torch.nn.functional as F
from huggingface_hub import PyTorchModelHubMixin
from torch import Tensor, nn

from avatarlib.models import cartoongan
from avatarlib.models.landmarks import LandmarkNet

__all__ = ["GaussianTransport", "WarpedGenerator", "warp", "warp_grid"]

STIFFNESS = 0.003       # how far points may be missed for a smoother warp; 0 meets each
FRAME = 5               # fixed points along each side of the picture
AT_ONCE = 2**17         # pixels for which the spline is computed at once, so that memory is bounded


def warp_grid(source: Tensor, target: Tensor, size: tuple[int, int], *, stiffness: float = STIFFNESS) -> Tensor:
    """Where each pixel of a warped picture is to be read, for ``torch.nn.functional.grid_sample``.

    A thin-plate spline (Bookstein 1989): of all ways to move ``source`` to ``target`` the one that bends least. The
    picture's frame stays where it is.

    Parameters
    ----------
    source, target : Tensor
        (N, K, 2): points (x, y) in shares of width and height, and where they shall be; no two targets equal.
    size : (int, int)
        Height and width of the warped picture.
    stiffness : float
        At least 0; the more, the smoother the warp and the further the points miss their targets.

    Returns
    -------
    Tensor
        (N, H, W, 2) in float32: (x, y) in [-1, 1], the outer borders of the pixels at the ends.

    Raises
    ------
    ValueError
        If the shapes differ or are no points, or ``stiffness`` is negative.

    Examples
    --------
    >>> import torch
    >>> from avatarlib.models.warp import warp_grid
    >>> points = torch.tensor([[[0.4, 0.5], [0.6, 0.5]]])
    >>> grid = warp_grid(points, points, (2, 4))               # nothing moves: every pixel is read where it is
    >>> [round(x, 3) for x in grid[0, 0, :, 0].tolist()]
    [-0.75, -0.25, 0.25, 0.75]
    """
    if source.shape != target.shape or source.ndim != 3 or source.shape[-1] != 2:
        raise ValueError("source and target must be points (N, K, 2), as many in both, got "
                         f"{tuple(source.shape)} and {tuple(target.shape)}")
    if not stiffness >= 0:
        raise ValueError(f"stiffness must be at least 0, got {stiffness!r}")
    frame = frame_points().to(source.device).expand(len(source), -1, -1)
    ends, starts = (torch.cat([points.double(), frame], 1) for points in (target, source))
    count = ends.shape[1]
    system = ends.new_zeros(len(ends), count + 3, count + 3)
    system[:, :count, :count] = bending(ends, ends) + stiffness * torch.eye(count, device=ends.device)
    system[:, :count, count:] = affine(ends)
    system[:, count:, :count] = affine(ends).mT
    weights = torch.linalg.solve(system, F.pad(starts, (0, 0, 0, 3)))
    rows, columns = ((torch.arange(side, device=ends.device, dtype=torch.float64) + 0.5) / side for side in size)
    parts = torch.cartesian_prod(rows, columns).flip(-1).split(max(1, AT_ONCE // len(ends)))
    read = [(bending(part, ends) @ weights[:, :count] + affine(part) @ weights[:, count:]).float()
            for part in (some.expand(len(ends), -1, -1) for some in parts)]
    return 2 * torch.cat(read, 1).view(len(ends), *size, 2) - 1


def frame_points() -> Tensor:
    """(16, 2): points along the picture's border, in shares of its sides."""
    side = torch.linspace(0, 1, FRAME, dtype=torch.float64)
    points = torch.cartesian_prod(side, side)
    return points[((points == 0) | (points == 1)).any(1)]


def bending(points: Tensor, centres: Tensor) -> Tensor:
    """(N, P, C): r^2 log r^2 of the distances, what a thin plate does that is lifted at a point."""
    squares = torch.cdist(points, centres, compute_mode="donot_use_mm_for_euclid_dist").square()
    return squares * squares.clamp(min=1e-12).log()


def affine(points: Tensor) -> Tensor:
    """(N, P, 3): 1, x and y."""
    return torch.cat([torch.ones_like(points[..., :1]), points], -1)


def warp(images: Tensor, source: Tensor, target: Tensor, *, stiffness: float = STIFFNESS) -> Tensor:
    """Pictures (N, 3, H, W) in [-1, 1] with what is at ``source`` moved to ``target``; see ``warp_grid``.

    Examples
    --------
    >>> import torch
    >>> from avatarlib.models.warp import warp
    >>> images = torch.full((1, 3, 16, 16), -1.0)
    >>> images[..., 6:10, 3:7] = 1.0                           # a white square left of the middle
    >>> moved = warp(images, torch.tensor([[[5 / 16, 0.5]]]), torch.tensor([[[9 / 16, 0.5]]]), stiffness=0)
    >>> images[0, 0, 8, [4, 8]].tolist(), moved[0, 0, 8, [4, 8]].round().tolist()
    ([1.0, -1.0], [-1.0, 1.0])
    """
    grid = warp_grid(source, target, (images.shape[2], images.shape[3]), stiffness=stiffness)
    return F.grid_sample(images.float(), grid, mode="bicubic", padding_mode="border", align_corners=False).clamp(-1, 1)


class GaussianTransport(nn.Module):
    """Points (N, K, 2) -> points: the least work that makes one cloud of faces lie as another, if both are Gaussian.

    ``m_b + T (x - m_a)`` with ``T = A^-1/2 (A^1/2 B A^1/2)^1/2 A^-1/2``, A and B the covariances (Dowson and Landau
    1982). The work it takes is the Fréchet distance of the two. New, it moves nothing; ``fit`` it.

    Parameters
    ----------
    points : int
        How many there are in a face.

    Examples
    --------
    >>> import torch
    >>> from avatarlib.models.warp import GaussianTransport
    >>> near, far = torch.randn(500, 3, 2), 2 * torch.randn(500, 3, 2) + 5
    >>> moved = GaussianTransport(points=3).fit(near, far)(near)
    >>> torch.allclose(moved.mean(0), far.mean(0), atol=1e-4), torch.allclose(moved.std(0), far.std(0), rtol=1e-3)
    (True, True)
    """

    start: Tensor
    end: Tensor
    matrix: Tensor

    def __init__(self, points: int) -> None:
        super().__init__()
        self.register_buffer("start", torch.zeros(2 * points))
        self.register_buffer("end", torch.zeros(2 * points))
        self.register_buffer("matrix", torch.eye(2 * points))

    @torch.no_grad()
    def fit(self, first: Tensor, second: Tensor, components: int | None = None) -> GaussianTransport:
        """From faces (N, K, 2) to other faces (M, K, 2), no pair among them; returns itself.

        Only in the ``components`` directions in which the faces differ most (default: a tenth of the smaller number of
        faces); of the others too little is known, and their points move as the mean does.

        Raises
        ------
        ValueError
            If there are fewer than two faces on a side, ``components`` is below 1, or their points are not as many.
        """
        components = max(1, min(len(first), len(second)) // 10) if components is None else components
        if min(len(first), len(second)) < 2 or components < 1:
            raise ValueError("first and second must be at least 2 faces each and components at least 1, got "
                             f"{len(first)}, {len(second)} and {components}")
        if not first[0].numel() == second[0].numel() == len(self.start):
            raise ValueError(f"faces must have {len(self.start) // 2} points, got {tuple(first.shape)} and "
                             f"{tuple(second.shape)}")
        a, b = (faces.double().flatten(1) for faces in (first, second))
        start, end = a.mean(0), b.mean(0)
        a, b = a - start, b - end
        axes = torch.linalg.svd(torch.cat([a, b]), full_matrices=False)[2][:components]
        spread_a, spread_b = (torch.atleast_2d((faces @ axes.T).T.cov()) for faces in (a, b))
        root = power(spread_a, 0.5)
        back = power(spread_a, -0.5)
        inner = back @ power(root @ spread_b @ root, 0.5) @ back
        identity = torch.eye(len(inner), dtype=torch.float64, device=inner.device)
        self.start.copy_(start)
        self.end.copy_(end)
        self.matrix.copy_(torch.eye(len(start), dtype=torch.float64, device=inner.device)
                          + axes.T @ (inner - identity) @ axes)
        return self

    def forward(self, points: Tensor) -> Tensor:
        return ((points.flatten(1) - self.start) @ self.matrix.T + self.end).view_as(points)


def power(matrix: Tensor, exponent: float) -> Tensor:
    """A power of a symmetric positive matrix (D, D); what is not positive for rounding counts as tiny."""
    values, vectors = torch.linalg.eigh(matrix)
    return vectors * values.clamp(min=1e-10 * float(values.max())) ** exponent @ vectors.T


class WarpedGenerator(nn.Module, PyTorchModelHubMixin):
    """Photographs (N, 3, H, W) in [-1, 1] -> drawings: the face's landmarks are found and moved, then it is drawn.

    Parameters
    ----------
    points : sequence of str
        Names of the landmarks, in order.
    landmark_width, landmark_size, eyes
        Of the ``LandmarkNet``, which sees pictures that are no square as squares.
    generator
        Settings of the ``cartoongan.Generator`` that draws.

    Raises
    ------
    ValueError
        As the two networks.

    Examples
    --------
    >>> import torch
    >>> from avatarlib.models.warp import WarpedGenerator
    >>> network = WarpedGenerator(["left eye", "right eye"], landmark_width=8, landmark_size=32, width=8, blocks=1)
    >>> photos = torch.rand(2, 3, 32, 48)
    >>> tuple(network(photos).shape), torch.allclose(network.deform(photos), photos, atol=0.05)    # nothing moves yet
    ((2, 3, 32, 48), True)
    """

    def __init__(self, points: Sequence[str], landmark_width: int = 32, landmark_size: int = 128,
                 eyes: tuple[int, int] = (0, 1), **generator: Any) -> None:
        super().__init__()
        self.landmarks = LandmarkNet(points, landmark_width, landmark_size, eyes=eyes)
        self.transport = GaussianTransport(len(points))
        self.generator = cartoongan.Generator(**generator)

    def deform(self, images: Tensor) -> Tensor:
        """The photographs (N, 3, H, W) with their faces' landmarks where a drawing would have them."""
        return deform(images, self.landmarks, self.transport)

    def forward(self, images: Tensor) -> Tensor:
        return self.generator(self.deform(images))


@torch.no_grad()
def deform(images: Tensor, landmarks: LandmarkNet, transport: GaussianTransport) -> Tensor:
    """Pictures (N, 3, H, W) with the points that ``landmarks`` finds moved as ``transport`` tells, in float32."""
    side = landmarks.size
    with torch.autocast(images.device.type, enabled=False):
        square = F.interpolate(images.float(), (side, side), mode="bilinear", align_corners=False, antialias=True)
        points = (landmarks.landmarks(square) + 0.5) / side
        return warp(images, points, transport(points))
