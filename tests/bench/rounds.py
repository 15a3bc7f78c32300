# SPDX-License-Identifier: Apache-2.0
"""Interleaved rounds, and what is made of them: medians, ratios, verdicts."""

import dataclasses
import statistics
import sys

from processes import Bystanders

QUIET_SHARE = 0.10  # of the machine, for processes outside the benchmark
QUIET_ROUNDS_MIN = 5
AT_FLOOR = 1.05  # so near to what the bare forwarder costs


@dataclasses.dataclass(frozen=True)
class Metric:
    """What a scenario measures. A target bounds the ratio to HAProxy or, where `absolute`, the value itself. Where the
    bare forwarder took part its ratio to HAProxy is the floor.

    `pooled_over` names the sample's count that the figure is per: then the mean over all rounds is taken instead of
    the median, for times that the kernel counts in steps too coarse for one round.
    """

    key: str
    title: str
    unit: str
    target: float = None
    absolute: bool = False
    at_least: bool = False
    pooled_over: str = None
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
    rounds: str
    floor: float = None

    @property
    def verdict(self):
        if self.metric.target is None:
            return "-"
        value = self.candidate if self.metric.absolute else self.ratio
        if value is None:
            return "-"
        met = value >= self.metric.target if self.metric.at_least else value <= self.metric.target
        if met:
            return "ok"
        return "miss, at the floor" if self.at_floor else "miss"

    @property
    def at_floor(self):
        return self.floor is not None and self.ratio is not None and self.ratio <= self.floor * AT_FLOOR

    @property
    def target_text(self):
        if self.metric.target is None:
            return "-"
        sign = ">=" if self.metric.at_least else "<="
        unit = f" {self.metric.unit}" if self.metric.absolute else ""
        return f"{sign} {self.metric.target:g}{unit}"


def interleave(scenario, rounds, contenders, measure):
    """A B C, then C B A, and so on, so that neither order nor drift favours one. Gives the samples by role and round.

    Rounds in which other processes were busy are repeated, up to twice as many in all, and left out when enough
    quiet ones remain.
    """
    done, quiet = [], []
    while len(quiet) < rounds and len(done) < 2 * rounds:
        sample, share = run_round(len(done), contenders, measure)
        done.append(sample)
        if share <= QUIET_SHARE:
            quiet.append(sample)
        print(f"\r  {scenario}: {len(quiet)} quiet rounds of {len(done)} ", end="", file=sys.stderr, flush=True)
    print(file=sys.stderr)
    counted = quiet if len(quiet) >= min(rounds, QUIET_ROUNDS_MIN) else done
    samples = {role: [sample[role] for sample in counted] for role in contenders}
    return samples | {"rounds": f"{len(counted)} of {len(done)}"}


def run_round(number, contenders, measure):
    bystanders = Bystanders()
    turns = list(contenders.items())
    sample = {role: measure(proxy) for role, proxy in (turns if number % 2 == 0 else reversed(turns))}
    return sample, bystanders.share()


def single(candidate, baseline):
    """Samples of a scenario that one round settles."""
    return {"candidate": [candidate], "baseline": [baseline], "rounds": "1"}


def without_targets(result):
    return dataclasses.replace(result, metric=dataclasses.replace(result.metric, target=None))


def summarize(scenario, samples, metrics):
    return [summarize_metric(scenario, samples, metric) for metric in metrics]


def pooled(samples, metric):
    count = sum(sample[metric.pooled_over] for sample in samples)
    return sum(sample[metric.key] * sample[metric.pooled_over] for sample in samples) / count


def summarize_pooled(scenario, samples, metric):
    values = {role: pooled(samples[role], metric) for role in ("candidate", "baseline", "floor") if role in samples}
    ratios = {role: value / values["baseline"] if values["baseline"] > 0 else None for role, value in values.items()}
    return Result(
        scenario,
        metric,
        values["candidate"],
        values["baseline"],
        ratios["candidate"],
        None,
        None,
        samples["rounds"],
        ratios.get("floor"),
    )


def summarize_metric(scenario, samples, metric):
    if metric.pooled_over:
        return summarize_pooled(scenario, samples, metric)
    candidate = [sample[metric.key] for sample in samples["candidate"]]
    baseline = [sample[metric.key] for sample in samples["baseline"]]
    ratios = ratios_to(baseline, candidate)
    known = len(ratios) == len(baseline)
    floor = ratios_to(baseline, [sample[metric.key] for sample in samples.get("floor", [])])
    return Result(
        scenario,
        metric,
        statistics.median(candidate),
        statistics.median(baseline),
        statistics.median(ratios) if known else None,
        min(ratios) if known else None,
        max(ratios) if known else None,
        samples["rounds"],
        statistics.median(floor) if floor else None,
    )


def ratios_to(baseline, values):
    return [one / other for one, other in zip(values, baseline) if other > 0]
