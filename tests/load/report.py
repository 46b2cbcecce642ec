"""The report of a load: one page of HTML with its plots in it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape

from tests.bench.plots import COLOURS, TEXT
from tests.load.outcome import Outcome, share

WIDTH, HEIGHT, LEFT, BOTTOM = 720, 240, 60, 210
SLICES = 60
"""How many points a line has, at most."""

Points = Sequence[tuple[float, float]]
"""Seconds since the beginning, and milliseconds."""


@dataclass(frozen=True)
class Machine:
    """How busy the machine was that people, and an emulator, ran on."""

    cores: int
    busy: float
    """The share of its cores' time."""

    is_emulated: bool


def times(found: Outcome) -> dict[str, list[float]]:
    """Milliseconds to acknowledge, to deliver, and for a ping."""
    return {
        "to acknowledge": [1000 * (at - sent) for _, sent, at in found.acknowledged.values()],
        "to deliver": [1000 * (at - sent) for sent, at in found.delivered.values()],
        "a ping": [milliseconds for _, milliseconds in found.pongs],
    }


def verdict(found: Outcome) -> str:
    """What it comes to, in a line."""
    told = (
        f"{len(found.acknowledged)} messages acknowledged: {len(found.lost)} lost, {len(found.doubled)} doubled, "
        f"{len(found.unseen)} not seen by the other side; {len(found.unacknowledged)} were still under way at the end."
    )
    return told if found.acknowledged else "Nobody said anything."


def limits(found: Outcome, machine: Machine) -> list[str]:
    """How much of what was measured is this machine's, the emulator's or a throttle's, and not the design's."""
    told = times(found)
    median, ping = share(told["to acknowledge"], 0.5), share(told["a ping"], 0.5)
    where = "this machine" if machine.is_emulated else "the machine that people ran on"
    lines = [f"{where.capitalize()} has {machine.cores} cores, which were busy for {machine.busy:.0%} of the time."]
    lines.append(
        f"A ping, which no function of ours answers, took {ping:.0f} ms (median) of the {median:.0f} ms that a message "
        "took to be acknowledged."
    )
    if machine.is_emulated:
        lines.append(
            "All of AWS ran on it, with one process a function: times say more about the emulator than about AWS."
        )
        if machine.busy > 0.8:
            lines.append("It had no more to give, so more visitors would only have made everybody slower.")
    throttled = sum(many for code, many in found.errors.items() if "Too Many" in code or code == "upgrade 429")
    lines.append(f"The stage's own throttles refused {throttled} times.")
    return lines


def page(found: Outcome, title: str, machine: Machine, *, tables: Mapping[str, str] | None = None) -> str:
    """The whole page; `tables` are further ones, by their headings."""
    acknowledged = [(sent - found.begun, 1000 * (at - sent)) for _, sent, at in found.acknowledged.values()]
    delivered = [(sent - found.begun, 1000 * (at - sent)) for sent, at in found.delivered.values()]
    parts = [
        "<!doctype html><html lang=en><meta charset=utf-8>",
        f"<title>{escape(title)}</title><style>body{{font:15px system-ui;max-width:760px;margin:2em auto}}"
        "td,th{padding:2px 12px;text-align:right}td:first-child,th:first-child{text-align:left}</style>",
        f"<h1>{escape(title)}</h1>",
        f"<p><strong>{'Good' if found.is_good else 'FAILED'}.</strong> {escape(verdict(found))}</p>",
        _table(("milliseconds", "50 %", "95 %", "99 %", "most", "of"), _rows(found)),
        "<h2>Time to acknowledge</h2>" + over_time(acknowledged),
        "<h2>Time to deliver to the other side</h2>" + over_time(delivered),
        "<h2>Errors</h2>" + bars(found.errors),
        *(f"<h2>{escape(heading)}</h2>{table}" for heading, table in (tables or {}).items()),
        "<h2>Whose limits these are</h2>",
        *(f"<p>{escape(line)}</p>" for line in limits(found, machine)),
        '<p><a href="locust.html">What locust says</a></p></html>',
    ]
    return "\n".join(parts)


def _rows(found: Outcome) -> list[Sequence[str]]:
    return [
        (name, *(f"{share(each, part):,.0f}" for part in (0.5, 0.95, 0.99, 1)), f"{len(each):,}")
        for name, each in times(found).items()
    ]


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = [f"<tr>{''.join(f'<th>{escape(cell)}</th>' for cell in head)}</tr>"]
    lines += [f"<tr>{''.join(f'<td>{escape(cell)}</td>' for cell in row)}</tr>" for row in rows]
    return f"<table>{''.join(lines)}</table>"


table = _table
"""A table of HTML."""


def over_time(points: Points) -> str:
    """The median and the 95th percentile in each slice of the time."""
    if not points:
        return "<p>Nothing.</p>"
    last = max(at for at, _ in points) or 1
    slices: list[list[float]] = [[] for _ in range(SLICES)]
    for at, milliseconds in points:
        slices[max(0, min(SLICES - 1, int(at / last * SLICES)))].append(milliseconds)
    lines = {
        f"{part:.0%}": [(number / SLICES, share(each, part)) for number, each in enumerate(slices) if each]
        for part in (0.5, 0.95)
    }
    most = max(value for line in lines.values() for _, value in line) or 1
    parts = [
        f'<path d="M{LEFT} 10V{BOTTOM}H{WIDTH - 60}" fill="none" stroke="#999"/>',
        f'<text x="{LEFT - 6}" y="18" text-anchor="end" {TEXT}>{most:,.0f} ms</text>',
        f'<text x="{WIDTH - 60}" y="{BOTTOM + 18}" text-anchor="end" {TEXT}>{last:.0f} s</text>',
    ]
    for number, (name, line) in enumerate(lines.items()):
        places = " ".join(
            f"{LEFT + at * (WIDTH - 60 - LEFT):.0f},{BOTTOM - value / most * (BOTTOM - 14):.0f}" for at, value in line
        )
        parts += [
            f'<polyline points="{places}" fill="none" stroke="{COLOURS[number]}" stroke-width="2"/>',
            f'<text x="{WIDTH - 52}" y="{24 + 16 * number}" fill="{COLOURS[number]}" font-size="12">{name}</text>',
        ]
    return f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{HEIGHT}">{"".join(parts)}</svg>'


def bars(counts: Mapping[str, int]) -> str:
    """A bar for each, the most first."""
    if not counts:
        return "<p>None.</p>"
    most, parts = max(counts.values()), []
    for number, (name, many) in enumerate(sorted(counts.items(), key=lambda each: -each[1])):
        top = 22 * number
        parts += [
            f'<text x="230" y="{top + 14}" text-anchor="end" {TEXT}>{escape(name)}</text>',
            f'<rect x="240" y="{top + 4}" width="{many / most * 400:.0f}" height="12" fill="{COLOURS[1]}"/>',
            f'<text x="{246 + many / most * 400:.0f}" y="{top + 14}" {TEXT}>{many}</text>',
        ]
    height = 22 * len(counts) + 4
    return f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{height}">{"".join(parts)}</svg>'
