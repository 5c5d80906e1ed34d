"""A small network taught by a large one: its error by hand, its lessons, and that it learns."""

import distil
import pytest
import torch

from avatarlib.models.cartoongan import Generator


def test_the_error_counts_pixels_and_their_differences():
    """One pixel of a row of four is off by 1: a quarter of the pixels, two of the three differences, none below."""
    lesson = torch.zeros(1, 1, 2, 4)
    drawn = lesson.clone()
    drawn[..., 1] = 1
    assert distil.far(drawn, lesson).item() == pytest.approx(1 / 4 + 2 / 3 + 0)
    assert distil.far(lesson, lesson).item() == 0


def test_views_begin_with_the_photographs_and_go_on_changed():
    photos = torch.randint(256, (2, 3, 16, 16), dtype=torch.uint8, generator=torch.Generator().manual_seed(0))
    views = distil.views_of(photos, seed=0)
    assert views.shape == (2 * distil.VIEWS, 3, 16, 16)
    assert views[:2].equal(photos)
    assert not views[2:4].equal(photos)
    assert not views[2:4].equal(views[4:])
    assert views.equal(distil.views_of(photos, seed=0))


def test_a_student_learns_what_its_teacher_draws():
    torch.manual_seed(0)
    teacher, student = Generator(8, 1, upsampling="resize").eval(), Generator(8, 1, upsampling="resize")
    photos = torch.randint(256, (8, 3, 16, 16), dtype=torch.uint8)
    network, history = distil.distil(teacher, student, photos, rounds=150, seed=0, precision=torch.float32)
    first, *_, last = history.frame.distance
    assert last < 0.7 * first
    inputs, lessons = photos / 127.5 - 1, distil.lessons_of(teacher, photos).float()
    untaught = Generator(8, 1, upsampling="resize")
    assert distil.far(network(inputs), lessons) < 0.6 * distil.far(untaught(inputs), lessons)
