"""A line plot as SVG text: classes for its colours, so that the page's style decides, in light and in dark.  Pure."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from xml.sax.saxutils import escape, quoteattr

from consumers.load.report.axes import Scale, log_range, number, round_up

WIDTH, HEIGHT = 600, 270
_LEFT, _RIGHT, _TOP, _BOTTOM = 62, 14, 44, 40
_SMALLEST = 0.01

Point = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Line:
    """``style`` is one of the classes of the page; ``area`` fills the room below."""

    label: str
    style: str
    points: Sequence[Point]
    area: bool = False


@dataclass(frozen=True, slots=True)
class Plot:
    """What to draw; x from ``x_low`` to ``x_high``.  ``marks``: upright lines with a word."""

    title: str
    lines: Sequence[Line]
    x_label: str
    y_format: Callable[[float], str] = number
    x_low: float = 0.0
    x_high: float = 1.0
    x_ticks: Sequence[tuple[float, str]] = ()
    y_log: bool = False
    marks: Sequence[Point | tuple[float, str]] = field(default_factory=tuple)

    def draw(self) -> str:
        """The whole <svg>."""
        x = Scale(self.x_low, max(self.x_high, self.x_low + 1e-9), _LEFT, WIDTH - _RIGHT)
        y = self._y()
        parts = [
            f'<svg viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-label={quoteattr(self.title)}>',
            f'<text class="title" x="{_LEFT}" y="16">{escape(self.title)}</text>',
            *self._grid(x, y),
            *self._marks(x),
            *(part for line in self.lines for part in _draw(line, x, y)),
            *self._legend(),
            "</svg>",
        ]
        return "\n".join(parts)

    def _y(self) -> Scale:
        values = [value for line in self.lines for _, value in line.points]
        if self.y_log:
            low, high = log_range([value for value in values if value > 0], _SMALLEST)
            return Scale(low, high, HEIGHT - _BOTTOM, _TOP, log=True)
        return Scale(0.0, round_up(max(values, default=1.0)), HEIGHT - _BOTTOM, _TOP)

    def _grid(self, x: Scale, y: Scale) -> list[str]:
        parts = []
        for value in y.ticks(5):
            at = y.at(value)
            parts.append(f'<line class="grid" x1="{_LEFT}" x2="{WIDTH - _RIGHT}" y1="{at:.1f}" y2="{at:.1f}"/>')
            label = escape(self.y_format(value))
            parts.append(f'<text class="tick" x="{_LEFT - 6}" y="{at + 3.5:.1f}" text-anchor="end">{label}</text>')
        for value, label in self.x_ticks or [(value, number(value)) for value in x.ticks(8)]:
            at = x.at(value)
            parts.append(f'<line class="grid" x1="{at:.1f}" x2="{at:.1f}" y1="{_TOP}" y2="{HEIGHT - _BOTTOM}"/>')
            below = HEIGHT - _BOTTOM + 14
            anchor = "end" if at + 3.2 * len(label) > WIDTH else "middle"
            parts.append(f'<text class="tick" x="{at:.1f}" y="{below}" text-anchor="{anchor}">{escape(label)}</text>')
        middle = (_LEFT + WIDTH - _RIGHT) / 2
        parts.append(
            f'<text class="tick" x="{middle}" y="{HEIGHT - 6}" text-anchor="middle">{escape(self.x_label)}</text>'
        )
        return parts

    def _marks(self, x: Scale) -> list[str]:
        """Words that would stand in one another are left out; the line stays."""
        parts, free = [], 0.0
        for value, text in self.marks:
            if value > self.x_high:
                break  # it was not reached
            at, word = x.at(value), str(text)
            parts.append(f'<line class="mark" x1="{at:.1f}" x2="{at:.1f}" y1="{_TOP}" y2="{HEIGHT - _BOTTOM}"/>')
            width = 6.0 * len(word) + 8
            if at >= free and at + width < WIDTH:
                free = at + width
                parts.append(f'<text class="marked" x="{at + 3:.1f}" y="{_TOP + 9}">{escape(word)}</text>')
        return parts

    def _legend(self) -> list[str]:
        parts, at = [], float(_LEFT)
        for line in self.lines:
            parts.append(f'<line class="line {line.style}" x1="{at:.0f}" x2="{at + 16:.0f}" y1="30" y2="30"/>')
            parts.append(f'<text class="tick" x="{at + 20:.0f}" y="33.5">{escape(line.label)}</text>')
            at += 34 + 6.2 * len(line.label)
        return parts


def _draw(line: Line, x: Scale, y: Scale) -> list[str]:
    if not line.points:
        return []
    dots = [(x.at(a), y.at(b)) for a, b in line.points]
    path = " ".join(f"{a:.1f},{b:.1f}" for a, b in dots)
    parts = []
    if line.area:
        floor = y.start
        closed = f"{dots[0][0]:.1f},{floor:.1f} {path} {dots[-1][0]:.1f},{floor:.1f}"
        parts.append(f'<polygon class="area {line.style}" points="{closed}"/>')
    parts.append(f'<polyline class="line {line.style}" points="{path}"/>')
    if len(dots) == 1:
        parts.append(f'<circle class="dot {line.style}" cx="{dots[0][0]:.1f}" cy="{dots[0][1]:.1f}" r="2.5"/>')
    return parts
