"""A page for each family of operators: what each does, and its gradient rule as the source says."""

from __future__ import annotations

import importlib
import inspect
import re
from collections.abc import Iterable
from fnmatch import fnmatchcase
from typing import Any, NamedTuple

from operator_rules import composition, helpers, kept, made_of, own, rule_text, rules

import autograd_core as ag
from autograd_core.registry import SMOOTH, Entry, operators

HEAD = """# {title}

{intro} How a rule reads is explained in the [list of all operators](../operators.md).
"""


class Family(NamedTuple):
    """A page: its file, its title, what it says first, and patterns for the modules on it."""

    file: str
    title: str
    intro: str
    modules: str


FAMILIES = (
    Family(
        "elementwise", "Elementwise operators",
        "One element of the result depends on one element of each input; shapes broadcast.",
        "arithmetic division explog trig rounding clamping selection ternary float_parts "
        "complex interp safe branches",
    ),
    Family(
        "special", "Special functions",
        "Error functions, gamma and Bessel functions, logarithms of sums and their like.",
        "special erf normal gamma bessel* airy* incomplete* beta* zeta* polynomials*",
    ),
    Family(
        "comparisons", "Comparisons, logic and integers",
        "The results are truth values and whole numbers, so there is no gradient.",
        "comparison logical divisors searching sets histograms nonzero",
    ),
    Family(
        "reductions", "Reductions",
        "Several elements become one; `dim` says along which dimensions (`axis` is accepted, too).",
        "reduction extremes variance norms counting covariance medians order_statistics quantiles "
        "softmax masked differences integration segments renorm",
    ),
    Family(
        "scans", "Scans and sorting",
        "Running results along a dimension, and the elements in order.",
        "scan scan_extremes sorting masked_along",
    ),
    Family(
        "shape", "Shapes and views",
        "The same elements in another arrangement: views where the memory allows, as in PyTorch.",
        "shape transpose slicing strided splitting broadcast cast copies rearrange bookkeeping",
    ),
    Family(
        "joining", "Joining, repeating and filling",
        "Tensors made of several, of copies of one, or of a part and a whole.",
        "join repeat grids scatter_views tri masked_fill constants",
    ),
    Family(
        "indexing", "Indexing, gathering and scattering",
        "Elements read from places and written to places. Writing here is out of place; in-place "
        "variants end in `_`.",
        "indexing assign gather scatter* index_parts",
    ),
    Family(
        "products", "Products",
        "Products of matrices, vectors and tensors, and distances made of them.",
        "products matrices einsum linear distances decompositions_tensors",
    ),
    Family(
        "linalg", "Linear algebra",
        "Systems of equations, determinants and decompositions of matrices.",
        "solving decompositions*",
    ),
    Family(
        "fft", "Fourier transforms and windows",
        "Discrete Fourier transforms, their short-time form, and the windows of signals.",
        "fft* windows",
    ),
    Family(
        "activations", "Activations and dropout",
        "The functions between the layers of a network.",
        "activation* gelu maxout dropout* gumbel*",
    ),
    Family(
        "convolutions", "Convolution, pooling and images",
        "Operators on the last dimensions of batches of signals, images and volumes.",
        "conv* pool* pad unfold interpolate* shuffle grid_sample fractional*",
    ),
    Family(
        "normalization", "Normalisation, embedding, attention and recurrence",
        "What else the layers of networks are made of.",
        "normalization* embedding embedding_bag attention* bilinear recurrent* rotary",
    ),
    Family(
        "losses", "Losses",
        "How far a prediction is from what it should be, as one number to be made small.",
        "loss* cross_entropy",
    ),
    Family("more", "More operators", "What belongs to no other family.", "*"),
)  # fmt: skip


def families() -> dict[Family, dict[str, list[Entry]]]:
    """The families that there are, with their operators by module, as declared."""
    by_module: dict[str, list[Entry]] = {}
    for entry in operators().values():
        by_module.setdefault(entry.function.__module__, []).append(entry)
    found: dict[Family, dict[str, list[Entry]]] = {family: {} for family in FAMILIES}
    for module, entries in by_module.items():
        family, _ = min(_places(module.rpartition(".")[2]))
        found[FAMILIES[family]][module] = entries
    for family, modules in found.items():
        order = {m: min(_places(m.rpartition(".")[2])) for m in modules}
        found[family] = {m: modules[m] for m in sorted(modules, key=lambda m: (order[m], m))}
    return {family: modules for family, modules in found.items() if modules}


def _places(name: str) -> Iterable[tuple[int, int]]:
    """Where a module's name matches: the number of the family and of the pattern."""
    for number, family in enumerate(FAMILIES):
        for place, pattern in enumerate(family.modules.split()):
            if fnmatchcase(name, pattern):
                yield number, place


def file_of(entry: Entry) -> str:
    """The page that an operator is on, without its ending."""
    return FAMILIES[min(_places(entry.family))[0]].file


def heading(module: str) -> tuple[str, str]:
    """A module's title and what is said of it, from its docstring; a list of what is in it is
    left out, as that follows."""
    doc = inspect.getdoc(importlib.import_module(module)) or module
    title, _, rest = doc.partition("\n\n")
    name, _, contents = " ".join(title.split()).rstrip(".").partition(": ")
    names = {entry.name.rpartition(".")[2] for entry in operators().values()}
    if contents and re.split(r"\W", contents)[0] not in names:
        rest = f"{contents[0].upper()}{contents[1:]}.\n\n{rest}"
    return cell(name), "\n\n".join(cell(part) for part in rest.split("\n\n"))


def cell(text: str) -> str:
    """Text of a docstring as Markdown: nothing outside code is taken for markup."""
    text = re.sub(r":\w+:(`[^`]+`)", r"\1", " ".join(text.split()))
    pieces = re.split(r"``?", text.replace("|", "\\|"))
    pieces[::2] = [re.sub(r"([*_<>\[\]$])", r"\\\1", plain) for plain in pieces[::2]]
    return "`".join(pieces)


def summary(entry: Entry) -> str:
    """The first sentence or paragraph of an operator's docstring."""
    doc = inspect.getdoc(entry.function) or ""
    return cell(re.split(r"; arguments as |\n\n| Source: ", doc)[0]).rstrip(".") + "."


def label(name: str) -> str:
    """The name under which pages link to an operator."""
    return "op-" + name.strip("_").replace("_", "-").replace(".", "-").lower()


def link(name: str) -> str:
    return f"[`{name}`](#{label(name)})"


def signature(entry: Entry) -> str:
    """How an operator is called, without annotations."""
    found = inspect.signature(entry.function)
    plain = [p.replace(annotation=p.empty) for p in found.parameters.values()]
    text = str(found.replace(parameters=plain, return_annotation=found.empty))
    return entry.name.rpartition(".")[2] + text


def path_of(entry: Entry) -> str:
    """The name that Sphinx documents an operator under."""
    value: Any = ag
    for part in entry.name.split("."):
        value = getattr(value, part, None)
    if value is entry.function:
        return f"autograd_core.{entry.name}"
    return f"{entry.function.__module__}.{entry.function.__qualname__}"


def names(entry: Entry) -> str:
    """Where else an operator is found."""
    parts = []
    if entry.aliases:
        parts.append("also " + ", ".join(f"`{alias}`" for alias in entry.aliases))
    if entry.method and hasattr(ag.Tensor, entry.name):
        methods = [entry.name] + ([f"{entry.name}_"] if entry.inplace else [])
        parts.append("methods " if len(methods) > 1 else "method ")
        parts[-1] += " and ".join(f"`Tensor.{name}`" for name in methods)
    text = "; ".join(parts)
    return text[:1].upper() + text[1:] + "." if text else ""


def gradient(entry: Entry, shown: dict[Any, str]) -> list[str]:
    """The part of an operator's section that says how it is differentiated.

    Args:
        entry: the operator.
        shown: where on this page nodes and functions were shown already; added to.
    """
    if not entry.differentiable:
        return ["**Gradient:** none."]
    convention = cell(entry.convention)
    smooth = entry.convention == SMOOTH
    kinks = [f"{convention[0].upper()}{convention[1:]}." if smooth else f"At kinks: {convention}."]
    formula = [f"```text\n{entry.formula}\n```"] if entry.formula else []
    others = ", ".join(link(name) for name in made_of(entry))
    nodes = own(entry)
    if not nodes:
        text = composition(entry)
        made = f"follows from what it is made of: {others}." if others else "passes unchanged."
        code = [f"```python\n{text}\n```"] if text else []
        return [" ".join([f"**Gradient:** {made}", *kinks]), *formula, *code]
    parts: list[str] = []
    for op in nodes:
        first = shown.setdefault(op, entry.name)
        if first == entry.name:
            held = ", ".join(f"`{value}`" for value in kept(op)) or "nothing"
            what = "**Gradient:** keeps" if op is nodes[0] else f"As `{op.name}`, it keeps"
            text, new = rule_text(op, shown)
            parts += [f"{what} {held}.", f"```python\n{text}\n```"]
            earlier = {
                f.__name__: shown[f] for r in rules(op).values() for f in helpers(r) if f in shown
            }
            shown.update(dict.fromkeys(new, entry.name))
            told = [f"`{name}` at {link(at)}" for name, at in earlier.items() if at != entry.name]
            parts += [f"Shown already: {', '.join(told)}."] if told else []
        else:
            what = "**Gradient:** the" if op is nodes[0] else "The"
            parts.append(f"{what} rule of `{op.name}` is shown at {link(first)}.")
    around = [f"Other operators in it: {others}."] if others else []
    return [" ".join([parts[0], *kinks, *around]), *formula, *parts[1:]]


def section(entry: Entry, shown: dict[Any, str]) -> str:
    """One operator."""
    parts = [
        f"({label(entry.name)})=\n### `{entry.name}`",
        " ".join([summary(entry), names(entry)]),
        f"```python\n{signature(entry)}\n```",
        *gradient(entry, shown),
    ]
    path = path_of(entry)
    if path.startswith("autograd_core.nn."):  # documented with the layers
        parts.append(f"{{py:func}}`Arguments, errors and example <{path}>`")
    else:
        parts += [
            "```{raw} html\n<details><summary>Arguments, errors and example</summary>\n```",
            f"```{{eval-rst}}\n.. autofunction:: {path}\n```",
            "```{raw} html\n</details>\n```",
        ]
    return "\n\n".join(parts)


def page(family: Family, modules: dict[str, list[Entry]]) -> str:
    """A family's page."""
    parts = [HEAD.format(title=family.title, intro=family.intro)]
    shown: dict[Any, str] = {}
    for module, entries in modules.items():
        title, text = heading(module)
        parts.append(f"## {title}\n\n{text}\n" if text else f"## {title}\n")
        parts.append(f"Declared in `{module}`.\n")
        parts += [section(entry, shown) + "\n" for entry in entries]
    return "\n".join(parts)
