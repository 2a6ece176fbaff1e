"""The table: one block per case, a line per size, a column per contender."""

from __future__ import annotations

from typing import Any


def seconds_text(seconds: float) -> str:
    """Three figures and a unit: ``1.23 us``."""
    for factor, unit in ((1e9, "ns"), (1e6, "us"), (1e3, "ms")):
        if seconds * factor < 999.5:
            value = seconds * factor
            return f"{value:.{2 if value < 9.995 else 1 if value < 99.95 else 0}f} {unit}"
    return f"{seconds:.2f} s"


def size_text(size: float) -> str:
    return f"{size:,.0f}"


def rounded(size: float) -> str:
    """An estimated size, to two figures: ``26,000``."""
    return size_text(float(f"{size:.2g}"))


def cell(row: dict | None) -> str:
    """Median, the quartiles as percentages of it, ``~`` where other processes were busy."""
    if row is None:
        return ""
    if "error" in row:
        return "failed"
    low, high = (100 * (row[q] / row["median"] - 1) for q in ("q1", "q3"))
    mark = "~" if row["noisy"] else " "
    return f"{seconds_text(row['median'])}{mark} {f'{low:+.0f}/{high:+.0f} %':>9}"


def memory_text(row: dict | None) -> str:
    if row is None or "error" in row:
        return "-"
    memory = row["memory"]
    return f"{memory['host'] if memory['device'] is None else memory['device']:.1f}"


def ratio_text(row: dict | None, other: dict | None) -> str:
    if row is None or other is None or "error" in row or "error" in other:
        return ""
    return f"{row['median'] / other['median']:.2f}"


def case_table(rows: list[dict], crossings: dict[str, float] | None = None) -> str:
    """One case's block.

    Args:
        rows: the rows of one case, as the runner makes them.
        crossings: by library, the size from which the GPU is faster.
    """
    labels = list(dict.fromkeys(row["contender"] for row in rows))
    sizes = sorted({row["size"] for row in rows})
    by_key = {(row["size"], row["contender"]): row for row in rows}
    pairs = [
        (f"autograd_core {device}", label)
        for device in ("cpu", "cuda")
        for label in labels
        if f"autograd_core {device}" in labels
        and label in {"cpu": ("numpy", "torch cpu"), "cuda": ("cupy", "torch cuda")}[device]
    ]
    heading = ["size", *labels]
    heading += [f"ours / {other}" for _, other in pairs]
    heading += ["MiB, in order"]
    lines = [heading]
    for size in sizes:
        at = {label: by_key.get((size, label)) for label in labels}
        lines.append(
            [size_text(size)]
            + [cell(at[label]) for label in labels]
            + [ratio_text(at[ours], at[other]) for ours, other in pairs]
            + [" / ".join(memory_text(at[label]) for label in labels)]
        )
    widths = [max(len(line[i]) for line in lines) for i in range(len(heading))]
    text = [f"{rows[0]['case']} (size: {rows[0]['unit']})"]
    text += [
        "  " + "  ".join(c.rjust(w) for c, w in zip(line, widths, strict=True)) for line in lines
    ]
    for row in rows:
        if "error" in row:
            text.append(f"  {row['contender']} at {size_text(row['size'])}: {row['error']}")
    for library, size in (crossings or {}).items():
        text.append(f"  {library}: the GPU is faster from about {rounded(size)} on")
    return "\n".join(text)


def machine_text(machine: dict[str, Any]) -> str:
    """The machine and the versions in a few lines."""
    blas = machine["blas"]
    memory = f", {machine['memory_gib']} GiB" if machine["memory_gib"] else ""
    kernels = f"{blas['kernels'] or 'unknown'} kernels"
    lines = [
        f"{machine['cpu']}, {machine['processors']} processors{memory}; {machine['system']}",
        f"Python {machine['python']}, NumPy {machine['numpy']}",
        f"autograd_core {machine['autograd_core']} at {machine['commit'] or 'no commit'}",
    ]
    for gpu in machine["gpus"]:
        lines.append(f"{gpu['name']}, {gpu['memory_gib']} GiB, CUDA {gpu['cuda']}")
    lines[1] += f" with {blas['name']} {blas['version']} ({kernels})"
    if machine["cupy"]:
        lines[2] += f", CuPy {machine['cupy']}"
    if machine["torch"]:
        lines[2] += f", PyTorch {machine['torch']['version']}"
    return "\n".join(lines)


LEGEND = (
    "Medians, and the quartiles as percentages of them. MiB: the most memory a run took beyond "
    "what the\nlibrary takes by itself (on a GPU: what the library took from the device).\n"
    "~: other processes used more than 5 % of the processors in every try of a turn."
)


def results_text(results: dict[str, Any]) -> str:
    """The whole report of a ``results.json``."""
    settings = results["settings"]
    turns = f"{settings['rounds']} turns of {settings['seconds']} s for each contender, alternating"
    parts = [
        f"{results['date']}, {settings['threads']} threads, {turns}",
        machine_text(results["machine"]),
        LEGEND,
    ]
    for name in dict.fromkeys(row["case"] for row in results["rows"]):
        rows = [row for row in results["rows"] if row["case"] == name]
        parts.append(case_table(rows, results["crossovers"].get(name)))
    return "\n\n".join(parts) + "\n"
