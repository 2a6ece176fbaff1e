"""Charts: time against size for every case of a family, and an overview of the ratios."""

from __future__ import annotations

import math
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchmarks.report import rounded

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

COLOURS = {"autograd_core": "#1f5fbf", "torch": "#d9622b", "bare": "#7a7a7a"}
LINES = {"cpu": "-", "cuda": "--"}
MARKERS = {"cpu": "o", "cuda": "^"}
COLUMNS = 4
BUSY = "others were busy"


def draw(results: dict[str, Any], folder: Path) -> list[Path]:
    """Writes one chart per family, and ``ratios.png`` where PyTorch took part.

    Args:
        results: what ``results.json`` holds.
        folder: where the PNG files go.

    Returns:
        The files written.
    """
    rows = [row for row in results["rows"] if "median" in row]
    written = []
    families = list(dict.fromkeys(row["case"].partition("/")[0] for row in rows))
    for family in families:
        of_family = [row for row in rows if row["case"].partition("/")[0] == family]
        figure = family_figure(family, of_family, results)
        written.append(save(figure, folder / f"{family}.png"))
    overview = ratio_figure(rows, results)
    if overview is not None:
        written.append(save(overview, folder / "ratios.png"))
    return written


def save(figure: Figure, path: Path) -> Path:
    figure.savefig(path, dpi=100)
    return path


def subtitle(results: dict[str, Any]) -> str:
    """The hardware and versions, for the foot of a chart."""
    machine = results["machine"]
    parts = [f"{machine['cpu']}, {machine['processors']} processors"]
    parts += [gpu["name"] for gpu in machine["gpus"]]
    parts += [f"Python {machine['python']}", f"NumPy {machine['numpy']}"]
    if machine["cupy"]:
        parts.append(f"CuPy {machine['cupy']}")
    if machine["torch"]:
        parts.append(f"PyTorch {machine['torch']['version']}")
    parts += [f"{results['settings']['threads']} threads", results["date"][:10]]
    return " · ".join(parts)


def family_figure(family: str, rows: list[dict], results: dict[str, Any]) -> Figure:
    """Time against size, a panel for each case."""
    from matplotlib.figure import Figure

    names = list(dict.fromkeys(row["case"] for row in rows))
    columns = min(COLUMNS, len(names))
    lines = math.ceil(len(names) / columns)
    width, height = max(7.0, 3.6 * columns), 2.8 * lines + 1.2
    figure = Figure(figsize=(width, height), layout="constrained")
    handles: dict[str, Any] = {}
    for i, name in enumerate(names):
        axes = figure.add_subplot(lines, columns, i + 1)
        of_case = [row for row in rows if row["case"] == name]
        handles |= panel(axes, of_case, results["crossovers"].get(name, {}))
        axes.set_title(name.partition("/")[2], fontsize=10)
    if BUSY in handles:
        handles[BUSY] = handles.pop(BUSY)  # last in the legend
    figure.suptitle(f"{family}: time per call, median and quartiles", fontsize=12)
    figure.legend(
        handles.values(), handles.keys(), loc="outside lower center",
        ncols=len(handles), frameon=False, fontsize=9, title=subtitle(results), title_fontsize=8,
    )  # fmt: skip
    return figure


def panel(axes: Axes, rows: list[dict], crossings: dict[str, float]) -> dict[str, Any]:
    """One case; returns the lines by contender for the legend."""
    handles: dict[str, Any] = {}
    for label in dict.fromkeys(row["contender"] for row in rows):
        of_label = sorted((r for r in rows if r["contender"] == label), key=lambda r: r["size"])
        sizes = [row["size"] for row in of_label]
        first = of_label[0]
        colour = COLOURS[first["library"]]
        (handles[label],) = axes.plot(
            sizes, [row["median"] for row in of_label],
            color=colour, markersize=4, linewidth=1.4,
            linestyle=LINES[first["device"]], marker=MARKERS[first["device"]],
        )  # fmt: skip
        axes.fill_between(
            sizes, [row["q1"] for row in of_label], [row["q3"] for row in of_label],
            color=colour, alpha=0.2, linewidth=0,
        )  # fmt: skip
        noisy = [row for row in of_label if row["noisy"]]
        if noisy:
            handles[BUSY] = axes.scatter(
                [row["size"] for row in noisy], [row["median"] for row in noisy],
                s=60, facecolors="none", edgecolors="#c00000", linewidths=0.8, zorder=3,
            )  # fmt: skip
    if "autograd_core" in crossings:
        size = crossings["autograd_core"]
        axes.axvline(size, color=COLOURS["autograd_core"], linestyle=":", linewidth=1.2)
        measured = [row["size"] for row in rows]
        side = "right" if size**2 > min(measured) * max(measured) else "left"
        axes.annotate(
            f" GPU faster from {rounded(size)} ", (size, 0.98), xycoords=("data", "axes fraction"),
            ha=side, va="top", fontsize=7, color=COLOURS["autograd_core"],
        )  # fmt: skip
    axes.set_xscale("log")
    axes.set_yscale("log")
    label_axes(axes, rows)
    axes.grid(True, which="major", alpha=0.25)
    for side in ("top", "right"):
        axes.spines[side].set_visible(False)
    return handles


def label_axes(axes: Axes, rows: list[dict]) -> None:
    """Ticks at the measured sizes, and at times such as 10 us (20, 50 where there is room)."""
    from matplotlib.ticker import LogLocator, NullLocator

    sizes = sorted({row["size"] for row in rows})
    axes.set_xticks(sizes, [size_text(size) for size in sizes])
    axes.xaxis.set_minor_locator(NullLocator())
    axes.set_xlabel(rows[0]["unit"], fontsize=8)
    low, high = axes.get_ylim()
    if math.log10(high / low) < 2:
        axes.yaxis.set_minor_locator(LogLocator(subs=(2, 5)))
        axes.yaxis.set_minor_formatter(lambda value, _: time_text(value))
    else:
        axes.yaxis.set_minor_locator(NullLocator())
    axes.yaxis.set_major_formatter(lambda value, _: time_text(value))
    axes.tick_params(which="both", labelsize=8)


def size_text(size: int) -> str:
    """A short size for an axis: ``16K`` is 16,384."""
    for factor, letter in ((2**20, "M"), (2**10, "K")):
        if size >= factor and size % factor == 0:
            return f"{size // factor}{letter}"
    return str(size)


def time_text(seconds: float) -> str:
    """A decade of time for an axis: ``10 us``."""
    for factor, unit in ((1e9, "ns"), (1e6, "us"), (1e3, "ms")):
        if seconds * factor < 999.5:
            return f"{seconds * factor:g} {unit}"
    return f"{seconds:g} s"


def ratio_text(ratio: float) -> str:
    """A power of two for an axis: ``1/4x``, ``2x``."""
    return f"{ratio:g}x" if ratio >= 1 else f"1/{1 / ratio:g}x"


def ratio_figure(rows: list[dict], results: dict[str, Any]) -> Figure | None:
    """autograd_core's time over PyTorch's on the same device, a line of dots for each case."""
    from matplotlib.figure import Figure

    median = {(r["case"], r["size"], r["library"], r["device"]): r["median"] for r in rows}
    devices = [d for d in ("cpu", "cuda") if any(r["device"] == d for r in rows)]
    points = [
        (case, size, device, time / median[case, size, "torch", device])
        for (case, size, library, device), time in median.items()
        if library == "autograd_core" and (case, size, "torch", device) in median
    ]
    if not points:
        return None
    noisy = {(r["case"], r["size"], r["device"]) for r in rows if r["noisy"]}
    names = list(dict.fromkeys(case for case, *_ in points))
    figure = Figure(
        figsize=(5.0 + 4.0 * len(devices), 1.8 + 0.24 * len(names)), layout="constrained"
    )
    colours = ["#9ecae1", "#6baed6", "#3f8fc5", "#1f5fbf", "#0b2f6b"]
    for i, device in enumerate(devices):
        axes = figure.add_subplot(1, len(devices), i + 1)
        for case, size, on, ratio in points:
            if on == device:
                sizes = sorted({r["size"] for r in rows if r["case"] == case})
                rank = round(sizes.index(size) / max(1, len(sizes) - 1) * (len(colours) - 1))
                ring = "#c00000" if (case, size, device) in noisy else "none"
                axes.scatter(
                    ratio, names.index(case),
                    color=colours[rank], edgecolors=ring, s=36, zorder=3,
                )  # fmt: skip
        axes.axvline(1, color="black", linewidth=1)
        axes.set_xscale("log", base=2)
        low, high = axes.get_xlim()
        axes.set_xlim(min(low, 0.4), max(high, 2.5))
        axes.xaxis.set_major_formatter(lambda value, _: ratio_text(value))
        axes.set_yticks(range(len(names)), names if i == 0 else [""] * len(names), fontsize=8)
        axes.set_ylim(len(names) - 0.5, -0.5)
        axes.tick_params(axis="x", labelsize=8)
        axes.grid(True, alpha=0.25)
        axes.set_title(
            f"autograd_core / PyTorch, {device}: left of 1x is faster\n"
            "pale dots: small sizes, dark: large; red rings: others were busy", fontsize=10,
        )  # fmt: skip
        for side in ("top", "right"):
            axes.spines[side].set_visible(False)
    figure.supxlabel(subtitle(results), fontsize=8)
    return figure
