# SPDX-License-Identifier: Apache-2.0
"""Interleaved rounds, and what is made of them: medians, ratios, verdicts."""

import dataclasses
import statistics
import sys


@dataclasses.dataclass(frozen=True)
class Metric:
    """What a scenario measures. A target bounds the ratio to HAProxy or, where `absolute`, the value itself."""

    key: str
    title: str
    unit: str
    target: float = None
    absolute: bool = False
    at_least: bool = False
    digits: int = 2


@dataclasses.dataclass(frozen=True)
class Result:
    """One line of the report."""

    scenario: str
    metric: Metric
    candidate: float
    baseline: float
    ratio: float
    ratio_low: float
    ratio_high: float

    @property
    def verdict(self):
        if self.metric.target is None:
            return "-"
        value = self.candidate if self.metric.absolute else self.ratio
        if value is None:
            return "-"
        met = value >= self.metric.target if self.metric.at_least else value <= self.metric.target
        return "ok" if met else "miss"

    @property
    def target_text(self):
        if self.metric.target is None:
            return "-"
        sign = ">=" if self.metric.at_least else "<="
        unit = f" {self.metric.unit}" if self.metric.absolute else ""
        return f"{sign} {self.metric.target:g}{unit}"


def interleave(bench, scenario, candidate, baseline, measure):
    """A B, then B A, and so on, so that neither order nor drift favours one. Gives the samples of both, by round."""
    samples = {"candidate": [], "baseline": []}
    for number in range(bench.rounds):
        turns = [("candidate", candidate), ("baseline", baseline)]
        for role, proxy in turns if number % 2 == 0 else reversed(turns):
            samples[role].append(measure(proxy))
        print(f"  {scenario}: round {number + 1} of {bench.rounds}", file=sys.stderr, flush=True)
    return samples


def summarize(scenario, samples, metrics):
    return [summarize_metric(scenario, samples, metric) for metric in metrics]


def summarize_metric(scenario, samples, metric):
    candidate = [sample[metric.key] for sample in samples["candidate"]]
    baseline = [sample[metric.key] for sample in samples["baseline"]]
    ratios = [one / other for one, other in zip(candidate, baseline) if other > 0]
    known = len(ratios) == len(baseline)
    return Result(
        scenario,
        metric,
        statistics.median(candidate),
        statistics.median(baseline),
        statistics.median(ratios) if known else None,
        min(ratios) if known else None,
        max(ratios) if known else None,
    )
