"""The studio's warp against the library's: transport, spline and reading of pixels."""

import pytest
import torch
from live_script import NEEDS_NODE, ask
from studio_networks import transport_facts

from avatarlib.models.warp import GaussianTransport, warp

pytestmark = NEEDS_NODE
SCRIPTS = ("warp.js",)


def faces(n, seed):
    return 0.2 + 0.6 * torch.rand(n, 6, 2, generator=torch.Generator().manual_seed(seed))


@pytest.fixture(scope="module")
def transport():
    return GaussianTransport(6).fit(faces(40, 0), faces(40, 1) ** 1.3)


def test_points_go_where_the_library_sends_them(transport):
    face = faces(1, 2)
    found = ask(SCRIPTS, "({ facts, face }) => AvatarStudio.warp.transport(facts, face)",
                {"facts": transport_facts(transport), "face": face.flatten().tolist()})
    torch.testing.assert_close(torch.tensor(found).view_as(face), transport(face))


@pytest.mark.parametrize("stiffness", [0.0, 0.003])
def test_a_picture_is_warped_as_by_the_library(stiffness):
    image = torch.rand(1, 3, 24, 24, generator=torch.Generator().manual_seed(3)) * 2 - 1
    source, target = faces(1, 4), faces(1, 5)
    found = ask(SCRIPTS, """({ image, source, target, stiffness }) =>
        [...AvatarStudio.warp.warp(image, 24, source, target, stiffness)]""",
        {"image": image.flatten().tolist(), "source": source.flatten().tolist(), "target": target.flatten().tolist(),
         "stiffness": stiffness})
    expected = warp(image, source, target, stiffness=stiffness)
    torch.testing.assert_close(torch.tensor(found).view_as(image), expected, atol=2e-3, rtol=0)
    assert (expected - image).abs().mean() > 0.1


def test_a_face_is_deformed_by_its_points_in_pixels_of_another_side(transport):
    image = torch.rand(1, 3, 24, 24, generator=torch.Generator().manual_seed(6)) * 2 - 1
    face = faces(1, 7)
    found = ask(SCRIPTS, "({ image, points, facts }) => [...AvatarStudio.warp.deform(image, 24, points, 128, facts)]",
                {"image": image.flatten().tolist(), "points": (face * 128 - 0.5).flatten().tolist(),
                 "facts": transport_facts(transport)})
    expected = warp(image, face, transport(face))
    torch.testing.assert_close(torch.tensor(found).view_as(image), expected, atol=2e-3, rtol=0)
