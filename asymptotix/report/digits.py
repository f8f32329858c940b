"""Exponents and constants to many digits: one row a network, phase and gamma, and a map of the digits agreed."""

from __future__ import annotations

import statistics
from collections.abc import Sequence

from asymptotix.checks.claim import Verdict
from asymptotix.report.layout import prose, table

_PARTS = ("exponent", "log_power", "constant")
_HEADERS = (
    " | network | phase | gamma | n_eff, lam, noise | exponent | measured | digits | log power | measured | digits | "
    "constant | measured | digits | d | method | seconds"
)


Key = tuple[str, str, str]


def cells(verdicts: Sequence[Verdict]) -> dict[Key, list[Verdict]]:
    """The verdicts that measure a phase, by network, phase and gamma."""
    found: dict[Key, list[Verdict]] = {}
    for v in verdicts:
        if {"network", "phase", "gamma"} <= v.exact.keys():
            key = (v.exact["network"], v.exact["phase"], v.exact["gamma"])
            found.setdefault(key, []).append(v)
    return found


def section(verdicts: Sequence[Verdict]) -> str:
    """Markdown of both tables; empty if nothing was measured."""
    found = cells(verdicts)
    if not found:
        return ""
    rows = [_row(key, measured) for key, measured in found.items()]
    long = table(_HEADERS, rows)
    return (
        "## Exponents and constants to many digits\n\n"
        f"{prose('verification', 'digits')}\n{summary(found)}\n\n"
        "Digits agreed, exponent / constant (with logarithms: exponent / log power / constant):\n\n"
        f"{_map(found)}\n\n{long}\n"
    )


def summary(found: dict[Key, list[Verdict]]) -> str:
    """Counts, and the least and median digits, network by network."""
    lines = []
    for network in dict.fromkeys(key[0] for key in found):
        here = [v for key, measured in found.items() if key[0] == network for v in measured]
        texts = []
        for part, name in zip(_PARTS, ("exponents", "log powers", "constants"), strict=True):
            digits = [int(v.exact[f"{part}_digits"]) for v in here if f"{part}_digits" in v.exact]
            if digits:
                least, median = min(digits), statistics.median_low(digits)
                texts.append(f"{len(digits)} {name} to {least} digits or more (median {median})")
        blank = sum("why" in v.exact for v in here)
        if blank:
            texts.append(f"{blank} not measured")
        lines.append(f"- {network}: {', '.join(texts)}.")
    return "\n".join(lines)


def _map(found: dict[Key, list[Verdict]]) -> str:
    gammas = list(dict.fromkeys(key[2] for key in found))
    rows = []
    for network, phase in dict.fromkeys(key[:2] for key in found):
        each = [found.get((network, phase, gamma)) for gamma in gammas]
        rows.append((network, phase, *("not run" if x is None else _short(x) for x in each)))
    headers = ("network", "phase", *(f"gamma = {g}" for g in gammas))
    return table(headers, rows)


def _short(measured: Sequence[Verdict]) -> str:
    if "why" in measured[0].exact:
        return "no such phase" if measured[0].passed else "not measured: see below"
    merged = _merged(measured)
    return " / ".join(merged[f"{part}_digits"] for part in _PARTS if f"{part}_digits" in merged)


def _row(key: Key, measured: Sequence[Verdict]) -> tuple[str, ...]:
    merged = _merged(measured)
    passed = "pass" if all(v.passed for v in measured) else "FAIL"
    seconds = f"{sum(v.seconds for v in measured):.1f}"
    if "why" in merged:
        blanks = ("-",) * 10
        return (passed, *key, *blanks, "-", merged["why"].replace("|", "\\|"), seconds)
    values = []
    for part in _PARTS:
        default = "none" if part == "log_power" else "-"
        values += [merged.get(part, default), merged.get(f"{part}_measured", "-")]
        values.append(merged.get(f"{part}_digits", "-"))
    return (passed, *key, merged["ray"], *values, merged["d"], merged["method"], seconds)


def _merged(measured: Sequence[Verdict]) -> dict[str, str]:
    return {name: text for v in measured for name, text in v.exact.items()}
