"""Pictures of graphs."""

from __future__ import annotations

import xml.etree.ElementTree as ElementTree
from pathlib import Path
from typing import Any

import pytest

import autograd_core as ag
from autograd_core import nn
from autograd_core.utils import draw


class Block(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.first, self.second = nn.Linear(3, 3), nn.Linear(3, 3)

    def forward(self, x: Any) -> Any:
        return x + self.second(self.first(x).tanh())


class Model(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.block, self.norm = Block(), nn.BatchNorm1d(3)

    def forward(self, x: Any) -> Any:
        x = self.block(self.block(x))  # the same module twice
        return self.norm(x), x.mean()


def names(drawing: Any) -> list[str]:
    return [box.lines[0] for box in drawing.boxes.values()]


def arrows(drawing: Any) -> list[tuple[str, str]]:
    return sorted((drawing.boxes[a].lines[0], drawing.boxes[b].lines[0]) for a, b in drawing.arrows)


def test_the_graph_of_a_loss() -> None:
    x, y = ag.ones(3, requires_grad=True), ag.ones(3, requires_grad=True)
    drawing = draw((x * y + x.sin()).sum())
    assert sorted(names(drawing)) == ["add", "leaf", "leaf", "mul", "sin", "sum"]
    assert arrows(drawing) == [
        ("add", "sum"), ("leaf", "mul"), ("leaf", "mul"), ("leaf", "sin"), ("mul", "add"),
        ("sin", "add"),
    ]  # fmt: skip
    (product,) = [box for box in drawing.boxes.values() if box.lines[0] == "mul"]
    assert product.lines[1] == "(3,)" and product.lines[2].startswith("test_drawing.py:")


def test_modules_are_boxes_and_deeper_on_request() -> None:
    model, x = Model(), ag.ones(4, 3)
    whole = draw(model, x, depth=0)
    assert names(whole) == ["input", "Model", "output"]
    assert [box.lines[1] for box in whole.boxes.values()] == ["(4, 3)"] + ["(4, 3), ()"] * 2
    outer = draw(model, x, depth=1)
    assert sorted(names(outer)) == sorted(
        ["input", "block: Block", "block: Block", "norm: BatchNorm1d", "mean", "output", "output"]
    )
    assert ("block: Block", "block: Block") in arrows(outer)
    inner = draw(model, x)
    assert names(inner).count("block.first: Linear") == 2 and names(inner).count("add") == 2
    norm = [box for box in inner.boxes.values() if box.lines[0] == "norm: BatchNorm1d"]
    assert norm[0].lines[1] == "(4, 3)"
    assert x.grad is None and not model.block._forward_hooks
    assert model.norm.num_batches_tracked.item() == 0
    with pytest.raises(ValueError, match="depth must be 0 or more, got -1"):
        draw(model, x, depth=-1)


def test_a_module_that_calls_no_other_is_one_box_and_integers_are_inputs() -> None:
    class Reader(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.words, self.mix = nn.Embedding(5, 4), nn.MultiheadAttention(4, 2)

        def forward(self, index: Any) -> Any:
            x = self.words(index)
            return self.mix(x, x, x)[0]

    found = draw(Reader(), ag.zeros(3, 2, dtype=ag.int64))
    assert arrows(found) == [
        ("input", "words: Embedding"), ("mix: MultiheadAttention", "output"),
        ("words: Embedding", "mix: MultiheadAttention"),
    ]  # fmt: skip
    shapes = [box.lines[1] for box in found.boxes.values()]
    assert shapes == ["(3, 2)", "(3, 2, 4)", "(3, 2, 4), (2, 3, 3)", "(3, 2, 4)"]


def test_parameters_are_called_by_their_names() -> None:
    model = nn.Linear(2, 3)
    loss = model(ag.ones(4, 2)).sum()
    assert sorted(names(draw(loss, model))) == ["bias", "linear", "sum", "weight"]
    with pytest.raises(TypeError, match="draw: expected a module, got int"):
        draw(loss, 3)


def test_nodes_with_several_outputs() -> None:
    x = ag.ones(2, 3, requires_grad=True)
    a, b = x.unbind(0)
    assert arrows(draw((a * b).sum())) == [("leaf", "unbind"), ("mul", "sum"), ("unbind", "mul")]


def test_files(tmp_path: Path) -> None:
    drawing = draw(Model(), ag.ones(4, 3))
    drawing.save(tmp_path / "graph.svg")
    drawing.save(tmp_path / "graph.dot")
    root = ElementTree.fromstring((tmp_path / "graph.svg").read_text())
    boxes = [e for e in root.iter() if e.tag.endswith("rect")]
    assert len(boxes) == len(drawing.boxes) + 1  # and the paper
    assert len([e for e in root if e.tag.endswith("path")]) == len(drawing.arrows)
    dot = (tmp_path / "graph.dot").read_text()
    assert dot.startswith("digraph {") and dot.count("->") == len(drawing.arrows)
    drawing.save(tmp_path / "graph.mmd")
    chart = (tmp_path / "graph.mmd").read_text()
    assert chart.startswith("flowchart TD") and chart.count("-->") == len(drawing.arrows)
    drawing.save(tmp_path / "graph.html")
    page = (tmp_path / "graph.html").read_text()
    assert page.startswith("<!DOCTYPE html>") and drawing.svg() in page
    with pytest.raises(ValueError, match=r"graph\.png ends in none of \.svg, \.html, \.dot"):
        drawing.save(tmp_path / "graph.png")
    with pytest.raises(FileNotFoundError, match=r"Drawing\.save: there is no folder"):
        drawing.save(tmp_path / "missing" / "graph.svg")


def test_boxes_do_not_overlap() -> None:
    drawing = draw(nn.TransformerEncoderLayer(8, 2, 16, batch_first=True), ag.ones(2, 3, 8))
    root = ElementTree.fromstring(drawing.svg())
    rectangles = []
    for element in root.iter():
        if element.tag.endswith("rect") and "x" in element.attrib:
            x, y, w, h = (float(element.attrib[k]) for k in ("x", "y", "width", "height"))
            assert x >= 0 and x + w <= float(root.attrib["width"])
            assert y >= 0 and y + h <= float(root.attrib["height"])
            for a, b, c, d in rectangles:
                assert x + w <= a or a + c <= x or y + h <= b or b + d <= y
            rectangles.append((x, y, w, h))


def test_text_is_escaped() -> None:
    from autograd_core.utils.drawing import Box, Drawing

    drawing = Drawing({0: Box(['<a & "b">'], "operator")})
    assert "&lt;a &amp; &quot;b&quot;&gt;" in drawing.svg() and r"\"b\"" in drawing.dot()


def test_errors() -> None:
    with pytest.raises(ValueError, match="does not require grad"):
        draw(ag.ones(2))
    with pytest.raises(ValueError, match="give the model's inputs"):
        draw(Model())
    with pytest.raises(ValueError, match="nothing that the model returned depends on"):
        draw(nn.Flatten(), ag.zeros(2, 3, dtype=ag.int64))


def test_a_long_chain_is_no_recursion() -> None:
    x = ag.ones(1, requires_grad=True)
    for _ in range(3000):
        x = x * 1.0
    assert len(draw(x).boxes) == 3001
