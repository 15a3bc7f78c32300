# SPDX-License-Identifier: Apache-2.0
"""What the benchmark says of its samples: ratios by round, the floor, verdicts."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "bench"))

import pytest
import rounds

METRIC = rounds.Metric("cpu", "CPU", "us", target=0.8)


def samples(candidate, baseline, floor=None):
    roles = {"candidate": candidate, "baseline": baseline} | ({"floor": floor} if floor else {})
    return {role: [{"cpu": value} for value in values] for role, values in roles.items()} | {"rounds": "3 of 3"}


@pytest.mark.parametrize(
    "candidate, floor, verdict",
    [
        ([7, 7, 7], None, "ok"),
        ([9, 9, 9], None, "miss"),
        ([9, 9, 9], [6, 6, 6], "miss"),
        ([9, 9, 9], [8.8, 8.8, 8.8], "miss, at the floor"),
        ([9, 9, 1], [8.8, 8.8, 8.8], "miss, at the floor"),
    ],
)
def test_a_verdict_looks_at_the_median_of_ratios(candidate, floor, verdict):
    [result] = rounds.summarize("scenario", samples(candidate, [10, 10, 10], floor), [METRIC])
    assert result.verdict == verdict
    assert result.ratio == candidate[0] / 10
    assert result.floor == (floor[0] / 10 if floor else None)


def test_ratios_are_taken_round_by_round():
    """A machine that slows down in the middle changes both sides of a ratio."""
    [result] = rounds.summarize("scenario", samples([7, 14, 7], [10, 20, 10]), [METRIC])
    assert (result.ratio, result.ratio_low, result.ratio_high) == (0.7, 0.7, 0.7)


def test_everybody_has_the_same_turns():
    order = []
    taken = rounds.interleave("scenario", 2, {"candidate": "A", "baseline": "B", "floor": "C"}, order.append)
    assert order[:6] == ["A", "B", "C", "C", "B", "A"]
    assert len(taken["candidate"]) == len(taken["floor"])
