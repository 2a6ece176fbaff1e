"""Boxes and arrows on paper: a layered layout, as SVG.

Every box stands below all boxes that point to it; long arrows pass through empty places in the
layers between, and the order within a layer is the mean of the neighbours' places, swept up and
down a few times (Sugiyama, Tagawa and Toda, "Methods for visual understanding of hierarchical
system structures", 1981).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape
from itertools import pairwise
from typing import Any

CHARACTER, LINE = 7.0, 16.0  # of 12-point Helvetica, about
PADDING, GAP_X, GAP_Y, MARGIN = 10.0, 24.0, 36.0, 16.0
SWEEPS = 8
FILL = {
    "operator": "#ffffff", "module": "#e8f1fa", "parameter": "#f3f4f6", "input": "#fdf3dc",
    "output": "#fdf3dc",
}  # fmt: skip

_ARROWHEAD = (
    '<defs><marker id="head" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7"'
    ' orient="auto"><path d="M0 0 L8 4 L0 8 z" fill="#6b7280"/></marker></defs>'
)


def svg_of(boxes: Mapping[Any, Any], arrows: Sequence[tuple[Any, Any]]) -> str:
    """The picture of some boxes (with ``lines`` and ``kind``) and the arrows between their keys.

    The boxes come in an order in which every arrow points forward.
    """
    layers, chains = _layers(boxes, arrows)
    sizes = {key: _size(boxes.get(key)) for layer in layers for key in layer}
    _order(layers, chains)
    x = _columns(layers, chains, sizes)
    y, below = {}, MARGIN
    for layer in layers:
        height = max((sizes[key][1] for key in layer), default=0.0)
        for key in layer:
            y[key] = below + height / 2
        below += height + GAP_Y
    width = max((x[k] + sizes[k][0] / 2 for k in x), default=0.0) + MARGIN
    height = below - GAP_Y + MARGIN
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width:.0f}" height="{height:.0f}"'
        f' viewBox="0 0 {width:.0f} {height:.0f}" font-family="Helvetica, Arial, sans-serif"'
        ' font-size="12">'
    )
    parts = [head, _ARROWHEAD, '<rect width="100%" height="100%" fill="#ffffff"/>']
    parts += [_arrow([(x[k], y[k], sizes[k][1]) for k in chain]) for chain in chains]
    parts += [_box(box, x[key], y[key], sizes[key]) for key, box in boxes.items()]
    return "\n".join([*parts, "</svg>"]) + "\n"


def _layers(boxes: Any, arrows: Any) -> tuple[list[list[Any]], list[list[Any]]]:
    """Boxes by layer, and each arrow as the chain of what it passes; empty places are tuples."""
    sources: dict[Any, list[Any]] = {key: [] for key in boxes}
    for a, b in arrows:
        sources[b].append(a)
    level: dict[Any, int] = {}
    for key in boxes:
        level[key] = max((level[a] + 1 for a in sources[key]), default=0)
    targets: dict[Any, list[Any]] = {}
    for a, b in arrows:
        targets.setdefault(a, []).append(b)
    fed: set[Any] = set()  # by an input of the model
    for key in boxes:
        if any(boxes[a].kind == "input" or a in fed for a in sources[key]):
            fed.add(key)
    for key in reversed(list(boxes)):  # a source stands right above the first that needs it
        if key not in fed and key in targets:
            level[key] = min(level[b] for b in targets[key]) - 1
    layers: list[list[Any]] = [[] for _ in range(max(level.values(), default=-1) + 1)]
    for key in boxes:
        layers[level[key]].append(key)
    chains = []
    for number, (a, b) in enumerate(arrows):
        between = [("passing", number, i) for i in range(level[a] + 1, level[b])]
        for place in between:
            layers[place[2]].append(place)
        chains.append([a, *between, b])
    return layers, chains


def _neighbours(chains: list[list[Any]], up: bool) -> dict[Any, list[Any]]:
    found: dict[Any, list[Any]] = {}
    for chain in chains:
        for above, under in pairwise(chain):
            key, other = (under, above) if up else (above, under)
            found.setdefault(key, []).append(other)
    return found


def _order(layers: list[list[Any]], chains: list[list[Any]]) -> None:
    """Sort each layer so that few arrows cross."""
    above, under = _neighbours(chains, True), _neighbours(chains, False)
    for sweep in range(SWEEPS):
        down = sweep % 2 == 0
        for layer in layers if down else reversed(layers):
            place = {k: i for other in layers for i, k in enumerate(other)}
            near = above if down else under

            def mean(key: Any, near: Any = near, place: Any = place) -> float:
                found = [place[other] for other in near.get(key, ())]
                return sum(found) / len(found) if found else place[key]

            layer.sort(key=mean)


def _columns(layers: list[list[Any]], chains: list[list[Any]], sizes: Any) -> dict[Any, float]:
    """Where each box stands from left to right: near its neighbours, without overlap."""
    x: dict[Any, float] = {}
    for layer in layers:
        edge = MARGIN
        for key in layer:
            x[key] = edge + sizes[key][0] / 2
            edge += sizes[key][0] + GAP_X
    above, under = _neighbours(chains, True), _neighbours(chains, False)
    for sweep in range(SWEEPS):
        near = (above, under)[sweep % 2]
        for layer in layers if sweep % 2 == 0 else reversed(layers):
            wanted = {}
            for key in layer:
                found = [x[other] for other in near.get(key, ())]
                wanted[key] = sum(found) / len(found) if found else x[key]
            _spread(layer, wanted, sizes, x)
    left = min((x[k] - sizes[k][0] / 2 for k in x), default=0.0)
    return {key: value - left + MARGIN for key, value in x.items()}


def _spread(layer: list[Any], wanted: Any, sizes: Any, x: dict[Any, float]) -> None:
    """Put a layer where it is wanted, pushing apart what would overlap, to both sides alike."""

    def apart(a: Any, b: Any) -> float:
        return (sizes[a][0] + sizes[b][0]) / 2 + GAP_X

    to_right: dict[Any, float] = {}
    for i, key in enumerate(layer):
        least = to_right[layer[i - 1]] + apart(layer[i - 1], key) if i else wanted[key]
        to_right[key] = max(wanted[key], least)
    to_left: dict[Any, float] = {}
    for i in range(len(layer) - 1, -1, -1):
        key = layer[i]
        last = i == len(layer) - 1
        most = wanted[key] if last else to_left[layer[i + 1]] - apart(key, layer[i + 1])
        to_left[key] = min(wanted[key], most)
    for key in layer:
        x[key] = (to_right[key] + to_left[key]) / 2


def _size(box: Any) -> tuple[float, float]:
    if box is None:
        return 4.0, 0.0
    longest = max(len(line) for line in box.lines)
    return longest * CHARACTER + 2 * PADDING, len(box.lines) * LINE + PADDING


def _arrow(points: list[tuple[float, float, float]]) -> str:
    """A curve from the lower edge of the first box, through the places, to the last one's top."""
    start_x, start_y, start_height = points[0]
    end_x, end_y, end_height = points[-1]
    stations = [(start_x, start_y + start_height / 2)]
    stations += [(x, y) for x, y, _ in points[1:-1]]
    stations.append((end_x, end_y - end_height / 2))
    path = f"M{stations[0][0]:.1f} {stations[0][1]:.1f}"
    for (x1, y1), (x2, y2) in pairwise(stations):
        half = (y1 + y2) / 2
        path += f" C{x1:.1f} {half:.1f} {x2:.1f} {half:.1f} {x2:.1f} {y2:.1f}"
    return f'<path d="{path}" fill="none" stroke="#6b7280" marker-end="url(#head)"/>'


def _box(box: Any, x: float, y: float, size: tuple[float, float]) -> str:
    width, height = size
    dash = ' stroke-dasharray="4 3"' if box.kind == "parameter" else ""
    radius = 10 if box.kind in ("input", "output") else 4
    rectangle = (
        f'<rect x="{x - width / 2:.1f}" y="{y - height / 2:.1f}" width="{width:.1f}"'
        f' height="{height:.1f}" rx="{radius}" fill="{FILL[box.kind]}" stroke="#374151"{dash}/>'
    )
    lines = [rectangle]
    top = y - (len(box.lines) - 1) * LINE / 2
    for i, line in enumerate(box.lines):
        style = ' font-weight="bold" fill="#111827"' if i == 0 else ' fill="#4b5563"'
        lines.append(
            f'<text x="{x:.1f}" y="{top + i * LINE + 4:.1f}" text-anchor="middle"{style}>'
            f"{escape(line)}</text>"
        )
    return "\n".join(lines)
