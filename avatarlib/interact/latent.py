"""Moving in a generator's latent space: straight lines, arcs, and the directions that change most."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor, nn

__all__ = ["latent_directions", "lerp", "slerp"]


def lerp(a: Tensor, b: Tensor, t: Tensor | float) -> Tensor:
    """Points on the straight line from ``a`` (t = 0) to ``b`` (t = 1), each (latent,); see ``slerp``.

    Examples
    --------
    >>> import torch
    >>> from avatarlib.interact import lerp
    >>> lerp(torch.tensor([0.0, 0.0]), torch.tensor([2.0, 4.0]), 0.25).tolist()
    [0.5, 1.0]
    """
    t = check_ends(a, b, t)
    points = (1 - t) * a + t * b
    return points.squeeze(0) if len(t) == 1 else points


def slerp(a: Tensor, b: Tensor, t: Tensor | float) -> Tensor:
    """Points on the arc from ``a`` to ``b`` (Shoemake 1985; White 2016 for latent spaces).

    Normal noise of many dimensions lies close to a sphere of radius ``sqrt(latent)``. The arc stays there;
    the straight line of ``lerp`` cuts through the inside, which the generator never saw.

    Parameters
    ----------
    a, b : Tensor
        (latent,), of any length but zero; parallel vectors are joined by a straight line.
    t : float or Tensor
        One position, which gives (latent,), or (n,) of them, which give (n, latent).

    Raises
    ------
    ValueError
        If ``a`` and ``b`` are not two vectors of one length.

    Examples
    --------
    >>> import torch
    >>> from avatarlib.interact import lerp, slerp
    >>> a, b = torch.tensor([1.0, 0.0]), torch.tensor([0.0, 1.0])
    >>> [round(way(a, b, 0.5).norm().item(), 3) for way in (slerp, lerp)]      # only the arc keeps the length
    [1.0, 0.707]
    >>> tuple(slerp(a, b, torch.linspace(0, 1, 5)).shape)
    (5, 2)
    """
    t = check_ends(a, b, t)
    angle = torch.arccos(F.cosine_similarity(a, b, dim=0).clamp(-1, 1))
    sine = torch.sin(angle)
    if sine < 1e-4:
        points = (1 - t) * a + t * b
    else:
        points = (torch.sin((1 - t) * angle) * a + torch.sin(t * angle) * b) / sine
    return points.squeeze(0) if len(t) == 1 else points


def check_ends(a: Tensor, b: Tensor, t: Tensor | float) -> Tensor:
    """Positions as a column (n, 1); a ValueError if the ends are not two vectors of one length."""
    if a.ndim != 1 or a.shape != b.shape:
        raise ValueError(f"a and b must be two vectors of one length, got {tuple(a.shape)} and {tuple(b.shape)}")
    return torch.as_tensor(t, dtype=a.dtype).reshape(-1, 1)


@torch.no_grad()
def latent_directions(generator: nn.Module, n: int = 6, *, samples: int = 512, seed: int = 0) -> Tensor:
    """Orthonormal directions (n, latent) along which the pictures change most, the strongest first.

    A linear map is fitted by least squares from noise to pictures (reduced to 16 x 16 pixels); its left
    singular vectors are the directions. What each one means is for the eye to find.

    Parameters
    ----------
    generator : nn.Module
        Noise (N, latent) -> images (N, 3, H, W); has the attribute ``latent``. Use evaluation mode.
    n : int
        Directions, 1 to ``latent``.
    samples, seed : int
        Pictures to fit to (at least twice ``latent``), and the seed of their noise.

    Raises
    ------
    ValueError
        If ``n`` or ``samples`` is out of range.

    Examples
    --------
    >>> import torch
    >>> from avatarlib.interact import latent_directions
    >>> from avatarlib.models.dcgan import Generator
    >>> directions = latent_directions(Generator(latent=8, width=2).eval(), n=2, samples=32)
    >>> tuple(directions.shape), [[round(abs(x), 3) for x in row] for row in (directions @ directions.T).tolist()]
    ((2, 8), [[1.0, 0.0], [0.0, 1.0]])
    """
    latent: int = generator.latent   # type: ignore[assignment]
    if not 1 <= n <= latent:
        raise ValueError(f"n must be in [1, {latent}], got {n!r}")
    if samples < 2 * latent:
        raise ValueError(f"samples must be at least twice the latent length, {2 * latent}, got {samples!r}")
    noise = torch.randn(samples, latent, generator=torch.Generator().manual_seed(seed))
    device = next(generator.parameters()).device
    pictures = torch.cat([F.adaptive_avg_pool2d(generator(part.to(device)), 16).flatten(1).cpu()
                          for part in noise.split(64)])
    slopes = torch.linalg.lstsq(noise - noise.mean(0), pictures - pictures.mean(0)).solution      # (latent, 768)
    directions = torch.linalg.svd(slopes, full_matrices=False).U.T[:n]
    signs = directions.gather(1, directions.abs().argmax(dim=1, keepdim=True)).sign()   # SVD leaves them open
    return directions * signs
