"""Pictures of what was measured, as SVG that a page of Markdown can show."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape
from math import log10

from tests.bench.growth import Line

WIDTH, ROW, LEFT = 720, 22, 230
COLOURS = ("#3157d5", "#c2410c", "#15803d", "#7e22ce", "#0e7490", "#a16207")
TEXT = 'font-family="system-ui, sans-serif" font-size="12" fill="#333"'


def bars(rows: Sequence[tuple[str, float, float, float]]) -> str:
    """A bar for each median, a line from the least to the most, and a mark where the baseline is, at 1."""
    most = max(1.0, *(highest for *_, highest in rows))
    scale = (WIDTH - LEFT - 50) / most
    parts = []
    for number, (name, median, least, highest) in enumerate(rows):
        top = number * ROW + 6
        middle = top + 6
        parts += [
            f'<text x="{LEFT - 8}" y="{top + 10}" text-anchor="end" {TEXT}>{escape(name)}</text>',
            f'<rect x="{LEFT}" y="{top}" width="{median * scale:.0f}" height="12" fill="{COLOURS[0]}"/>',
            f'<path d="M{LEFT + least * scale:.0f} {middle}H{LEFT + highest * scale:.0f}" stroke="#111"/>',
            f'<text x="{LEFT + highest * scale + 6:.0f}" y="{top + 10}" {TEXT}>{median:.2f}</text>',
        ]
    height = len(rows) * ROW + 8
    parts.append(f'<path d="M{LEFT + scale:.0f} 0V{height}" stroke="#999" stroke-dasharray="4 3"/>')
    return _svg(height, parts)


def growth(lines: Sequence[Line]) -> str:
    """A panel for each thing that grows: requests, over how much of it there is."""
    panels = list(dict.fromkeys(line.of for line in lines))
    parts = []
    for number, of in enumerate(panels):
        parts += _panel([line for line in lines if line.of == of], number * 210)
    return _svg(len(panels) * 210, parts)


def _panel(lines: Sequence[Line], top: int) -> list[str]:
    left, right, bottom = 50, 460, top + 170
    most = max(1, *(max(line.requests) for line in lines))
    sizes = lines[0].sizes
    first, last = log10(sizes[0]), log10(sizes[-1])
    across = [left + (log10(size) - first) / (last - first) * (right - left) for size in sizes]
    parts = [
        f'<text x="{left}" y="{top + 16}" font-weight="bold" {TEXT}>requests, by {escape(lines[0].of)}</text>',
        f'<path d="M{left} {top + 26}V{bottom}H{right}" fill="none" stroke="#999"/>',
        f'<text x="{left - 6}" y="{top + 34}" text-anchor="end" {TEXT}>{most}</text>',
        f'<text x="{left - 6}" y="{bottom}" text-anchor="end" {TEXT}>0</text>',
        *(
            f'<text x="{x:.0f}" y="{bottom + 16}" text-anchor="middle" {TEXT}>{size:,}</text>'
            for x, size in zip(across, sizes, strict=True)
        ),
    ]
    for number, line in enumerate(lines):
        colour = COLOURS[number % len(COLOURS)]
        points = " ".join(
            f"{x:.0f},{bottom - count / most * (bottom - top - 30):.0f}"
            for x, count in zip(across, line.requests, strict=True)
        )
        at = top + 40 + number * 18
        parts += [
            f'<polyline points="{points}" fill="none" stroke="{colour}" stroke-width="2"/>',
            f'<rect x="{right + 20}" y="{at - 9}" width="10" height="10" fill="{colour}"/>',
            f'<text x="{right + 36}" y="{at}" {TEXT}>{escape(line.name)}</text>',
        ]
    return parts


def bills(chats: Sequence[int], designs: Mapping[str, Sequence[float]]) -> str:
    """A line for each design: dollars a month over chats a month, both by powers of ten."""
    left, right, top, bottom = 70, 500, 30, 290
    powers = range(-2, 6)

    def place(many: float, dollars: float) -> str:
        first, last = log10(chats[0]), log10(chats[-1])
        across = left + (log10(many) - first) / (last - first) * (right - left)
        up = (log10(dollars) - powers[0]) / (powers[-1] - powers[0]) * (bottom - top)
        return f"{across:.0f},{bottom - up:.0f}"

    parts = [
        f'<text x="{left}" y="18" font-weight="bold" {TEXT}>US dollars a month, by chats of twenty messages</text>',
        f'<path d="M{left} {top}V{bottom}H{right}" fill="none" stroke="#999"/>',
    ]
    for power in powers:
        y = place(chats[0], 10.0**power).partition(",")[2]
        parts += [
            f'<path d="M{left} {y}H{right}" stroke="#eee"/>',
            f'<text x="{left - 6}" y="{int(y) + 4}" text-anchor="end" {TEXT}>{10.0**power:,.10g}</text>',
        ]
    for many in chats:
        x = place(many, 1).partition(",")[0]
        parts.append(f'<text x="{x}" y="{bottom + 18}" text-anchor="middle" {TEXT}>{many:,}</text>')
    for number, (name, dollars) in enumerate(designs.items()):
        points = " ".join(place(many, each) for many, each in zip(chats, dollars, strict=True))
        at = top + 12 + number * 18
        parts += [
            f'<polyline points="{points}" fill="none" stroke="{COLOURS[number]}" stroke-width="2"/>',
            f'<rect x="{right + 20}" y="{at - 9}" width="10" height="10" fill="{COLOURS[number]}"/>',
            f'<text x="{right + 36}" y="{at}" {TEXT}>{escape(name)}</text>',
        ]
    return _svg(bottom + 30, parts)


def _svg(height: int, parts: Sequence[str]) -> str:
    head = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" width="{WIDTH}" height="{height}">'
    ground = f'<rect width="{WIDTH}" height="{height}" fill="#fff"/>'
    return "\n".join((head, ground, *parts, "</svg>")) + "\n"
