"""How many demo contracts a year has and what they are worth.

Means and technical shares by category are those of Hunan in 2017 (bulletin: 2,191 developments worth 30.17 亿 and so
on), counts and yearly totals rise so that 2025 has about 600 contracts worth about 1.4 % of GDP. Both together want a
mean of about 600 万 a contract, so services and transfers weigh more in later years than they did in 2017.
"""

import random
from dataclasses import dataclass
from math import exp, log
from statistics import NormalDist

WAN = 1_000_000
"""Fen in 万元."""
LARGE_WAN = 1000.0
"""From here on a contract is a large one (reference: contracts, 5.6); about one in fifty is."""
MEAN_WAN = {"DEV": 137.7, "TRF": 1106.3, "LIC": 1106.3, "CON": 108.7, "SRV": 525.4}
TECHNICAL_SHARE = {"DEV": 0.865, "TRF": 0.966, "LIC": 0.966, "CON": 0.547, "SRV": 0.509}
FIRST_YEAR, LAST_PLANNED = 2016, 2026

# year: contracts, total in 亿元. 2016-2020 add up to the plan's 421 contracts and 9.03 亿 of the five years.
YEARS: dict[int, tuple[int, float]] = {
    2016: (41, 0.78),
    2017: (52, 1.02),
    2018: (68, 1.40),
    2019: (104, 2.33),
    2020: (156, 3.50),
    2021: (268, 14.92),
    2022: (341, 20.97),
    2023: (427, 26.73),
    2024: (519, 32.61),
    2025: (612, 38.09),
    2026: (668, 41.20),
}
EARLY_MIX = {"DEV": 0.40, "TRF": 0.03, "LIC": 0.02, "CON": 0.13, "SRV": 0.42}
LATE_MIX = {"DEV": 0.11, "TRF": 0.075, "LIC": 0.07, "CON": 0.045, "SRV": 0.70}
LARGE_SHARE = {"DEV": 0.0, "TRF": 0.06, "LIC": 0.06, "CON": 0.0, "SRV": 0.018}
_SIGMA = {"DEV": 0.95, "TRF": 0.9, "LIC": 0.9, "CON": 0.9, "SRV": 1.0}
_BODY_CAP_WAN = 985.0
_BODY_MEAN_LIMIT_WAN = 470.0


@dataclass(frozen=True)
class Amount:
    """Category and both amounts of one contract, in fen."""

    category: str
    contract_fen: int
    technical_fen: int


def plan(year: int) -> tuple[int, float]:
    """Give contracts and total (亿元) of a whole year; after the plan's last year both grow on gently."""
    if year <= LAST_PLANNED:
        return YEARS[year]
    count, total = YEARS[LAST_PLANNED]
    return count + 30 * (year - LAST_PLANNED), total * 1.06 ** (year - LAST_PLANNED)


def counts_by_category(year: int) -> dict[str, int]:
    """Split the contracts of a year by category; the mix moves from the early to the late one until 2021."""
    count, _total = plan(year)
    late = min(1.0, max(0.0, (year - FIRST_YEAR) / 5))
    shares = {code: EARLY_MIX[code] * (1 - late) + LATE_MIX[code] * late for code in MEAN_WAN}
    counts = {code: round(count * share) for code, share in shares.items()}
    counts["SRV"] += count - sum(counts.values())
    return counts


def amounts(year: int, rng: random.Random) -> list[Amount]:
    """Draw the amounts of a year, in random order."""
    counts = counts_by_category(year)
    growth = plan(year)[1] * 10_000 / sum(counts[code] * MEAN_WAN[code] for code in counts)
    drawn: list[Amount] = []
    for category, count in counts.items():
        wan = _draw(category, count, MEAN_WAN[category] * growth, rng)
        whole = [_round_fen(value, rng) for value in wan]
        drawn += [
            Amount(category, full, technical)
            for full, technical in zip(whole, _technical(category, whole, rng), strict=True)
        ]
    rng.shuffle(drawn)
    return drawn


def _draw(category: str, count: int, mean: float, rng: random.Random) -> list[float]:
    """Draw 万元: a log-normal body below the mark of large contracts, and few large ones that carry the rest."""
    large = int(count * LARGE_SHARE[category] + rng.random())
    while large and mean * count - min(mean, _BODY_MEAN_LIMIT_WAN) * (count - large) < large * LARGE_WAN * 1.1:
        large -= 1
    small = count - large
    body_mean = min(mean, _BODY_MEAN_LIMIT_WAN if large else _BODY_CAP_WAN * 0.6)
    body = _log_normal_below(small, body_mean, _SIGMA[category], rng)
    if not large:
        return body
    rest = max(count * mean - sum(body), large * LARGE_WAN * rng.uniform(1.1, 1.8))
    # Uneven weights make one or two contracts of a year stand out, as real years have them.
    weights = [rng.lognormvariate(0, 0.8) for _ in range(large)]
    spread = rest - large * LARGE_WAN * 1.05
    return [*body, *(LARGE_WAN * 1.05 + spread * weight / sum(weights) for weight in weights)]


def _log_normal_below(count: int, mean: float, sigma: float, rng: random.Random) -> list[float]:
    """Draw a log-normal sample cut at the cap, one from each of `count` equal slices, so that its mean is held."""
    if not count:
        return []
    places = [(index + 0.15 + 0.7 * rng.random()) / count for index in range(count)]
    low, high = 1e-3, 1e5
    sample: list[float] = []
    for _ in range(60):
        middle = (low * high) ** 0.5
        body = NormalDist(0, sigma)
        cut = body.cdf(log(_BODY_CAP_WAN / middle))
        sample = [middle * exp(body.inv_cdf(max(place * cut, 1e-12))) for place in places]
        if sum(sample) < mean * count:
            low = middle
        else:
            high = middle
    return sample


def _round_fen(wan: float, rng: random.Random) -> int:
    """Round as people agree on prices: mostly to a thousand or a hundred yuan, now and then to the fen."""
    step = rng.choices((1_000_000, 100_000, 10_000, 100, 1), weights=(30, 35, 20, 12, 3))[0]
    fen = round(wan * WAN)
    return max(round(fen / step) * step, 300_000)


def _technical(category: str, whole: list[int], rng: random.Random) -> list[int]:
    """Choose the technical part of each amount so that the category's share of the year is the published one."""
    target = TECHNICAL_SHARE[category]
    pure_share = {"DEV": 0.55, "TRF": 0.8, "LIC": 0.85, "CON": 0.25, "SRV": 0.12}[category]
    pure = [rng.random() < pure_share and fen < 500 * WAN for fen in whole]
    shares = [1.0 if is_pure else min(0.97, max(0.12, rng.gauss(target * 0.92, 0.14))) for is_pure in pure]
    for _ in range(20):
        have = sum(share * fen for share, fen in zip(shares, whole, strict=True))
        room = sum(share * fen for share, fen, fixed in zip(shares, whole, pure, strict=True) if not fixed)
        if room <= 0:
            break
        factor = max(0.2, 1 + (target * sum(whole) - have) / room)
        shares = [s if fixed else min(0.985, max(0.1, s * factor)) for s, fixed in zip(shares, pure, strict=True)]
    return [
        fen if share == 1 else int(fen * share) // 10_000 * 10_000 for share, fen in zip(shares, whole, strict=True)
    ]
