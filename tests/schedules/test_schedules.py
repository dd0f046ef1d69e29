"""ptk's schedules, as pix2pixHD has them."""

from ptk.schedules.linear import Constant, Linear


def test_linear_is_constant_for_half_of_the_steps_and_falls_to_zero():
    assert [Linear().factor(step, 8) for step in (0, 4, 6, 8)] == [1, 1, 0.5, 0]


def test_linear_of_a_run_that_goes_past_its_plan_stays_at_zero():
    assert Linear().factor(9, 8) == 0


def test_constant_stays():
    assert {Constant().factor(step, 8) for step in range(9)} == {1}
