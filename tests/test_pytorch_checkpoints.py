"""Checkpoints of many kinds, written by PyTorch and loaded where PyTorch cannot be imported; and
the way back, through the safetensors package."""

from __future__ import annotations

import json
import subprocess
import sys
from argparse import Namespace
from collections import Counter, OrderedDict, defaultdict
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import autograd_core as ag

torch = pytest.importorskip("torch")


def fingerprint(value: Any, groups: dict[Any, int]) -> Any:
    """What a loaded object is, tensors by their bytes and by whom they share memory with.

    Written so that it serves tensors of both libraries; the program below has it, too.
    """
    import hashlib
    from argparse import Namespace
    from collections import OrderedDict

    import numpy

    if hasattr(value, "requires_grad"):
        plain = value.detach()
        if type(value).__module__.partition(".")[0] == "torch":
            owner: Any = value.untyped_storage().data_ptr() if value.numel() else id(value)
            plain = plain.resolve_conj().resolve_neg().contiguous()
            name = str(plain.dtype).removeprefix("torch.")
            content = bytes(plain.flatten().view(__import__("torch").uint8).tolist())
        else:
            owner = id(value._version_counter()) if value.numel() else id(value)
            name = plain.dtype.name
            content = numpy.ascontiguousarray(plain.numpy()).tobytes()
        group = groups.setdefault(owner, len(groups))
        digest = hashlib.sha256(content).hexdigest()[:12]
        return ["tensor", name, list(value.shape), bool(value.requires_grad), group, digest]
    if isinstance(value, numpy.ndarray):
        return ["array", str(value.dtype.newbyteorder("=")), value.tolist()]
    if isinstance(value, dict):
        kind = "ordered" if isinstance(value, OrderedDict) else "dict"
        return [kind, [[repr(k), fingerprint(v, groups)] for k, v in value.items()]]
    if type(value).__name__ == "Size":
        return ["size", list(value)]
    if isinstance(value, list | tuple):
        return [type(value).__name__, [fingerprint(entry, groups) for entry in value]]
    if isinstance(value, set | frozenset):
        return ["set", sorted(map(repr, value))]
    if isinstance(value, Namespace):
        return ["namespace", fingerprint(vars(value), groups)]
    text = str(value) if type(value).__name__ in ("dtype", "device") else repr(value)
    return text.removeprefix("torch.").removeprefix("autograd_core.")


READER = """
import json, sys
for name in ("torch", "torchvision", "safetensors.torch"):
    sys.modules[name] = None  # importing it raises ImportError
import autograd_core as ag
namespace = {}
exec(sys.stdin.read(), {"Any": object}, namespace)
fingerprint = namespace["fingerprint"]
fingerprint.__globals__["fingerprint"] = fingerprint
for path in sys.argv[1:]:
    print(json.dumps(fingerprint(ag.load(path, map_location="cpu"), {})))
"""


def read_without_pytorch(paths: list[Path]) -> list[Any]:
    """The fingerprints of what the files load as, in a process that cannot import PyTorch."""
    import inspect

    answer = subprocess.run(
        [sys.executable, "-c", READER, *map(str, paths)],
        input=inspect.getsource(fingerprint), capture_output=True, text=True,
    )  # fmt: skip
    assert answer.returncode == 0, answer.stderr
    return [json.loads(line) for line in answer.stdout.splitlines()]


# ---- the corpus ----------------------------------------------------------------------------------


class Tied(torch.nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.embedding = torch.nn.Embedding(7, 4)
        self.block = torch.nn.TransformerEncoderLayer(4, 2, 8, batch_first=True)
        self.head = torch.nn.Linear(4, 7, bias=False)
        self.head.weight = self.embedding.weight
        self.register_buffer("mask", torch.ones(3, 3, dtype=torch.bool).tril())

    def forward(self, x: Any) -> Any:
        return self.head(self.block(self.embedding(x)))


def models() -> dict[str, Any]:
    nn = torch.nn
    return {
        "mlp": nn.Sequential(nn.Linear(3, 5), nn.BatchNorm1d(5), nn.PReLU(5), nn.Linear(5, 2)),
        "cnn": nn.Sequential(
            nn.Conv2d(2, 4, 3, groups=2), nn.GroupNorm(2, 4), nn.ConvTranspose2d(4, 2, 2),
            nn.InstanceNorm2d(2, affine=True, track_running_stats=True),
        ),
        "lstm": nn.LSTM(3, 4, 2, bidirectional=True, proj_size=2),
        "gru": nn.GRU(3, 4),
        "tied": Tied(),
        "attention": nn.MultiheadAttention(4, 2, kdim=3, vdim=5, add_bias_kv=True),
        "normed": nn.utils.parametrizations.weight_norm(nn.Linear(3, 2)),
        "spectral": nn.utils.parametrizations.spectral_norm(nn.Linear(3, 2)),
        "half": nn.Linear(3, 2).to(torch.bfloat16),
    }  # fmt: skip


def runs() -> dict[str, Any]:
    """Whole checkpoints, as people write them."""
    found = {}
    makers = {
        "sgd": lambda p: torch.optim.SGD(p, 0.1, momentum=0.9, nesterov=True),
        "adam": lambda p: torch.optim.Adam(p, 0.1, amsgrad=True),
        "adamw": lambda p: torch.optim.AdamW([{"params": [q], "lr": 0.1} for q in p]),
        "rmsprop": lambda p: torch.optim.RMSprop(p, centered=True, momentum=0.5),
        "adagrad": torch.optim.Adagrad, "nadam": torch.optim.NAdam, "rprop": torch.optim.Rprop,
        "lbfgs": lambda p: torch.optim.LBFGS(p, max_iter=3),
    }  # fmt: skip
    for name, make in makers.items():
        model = torch.nn.Linear(3, 2)
        optimizer = make(list(model.parameters()))
        schedule = torch.optim.lr_scheduler.MultiStepLR(optimizer, [1, 3])

        def closure(model: Any = model, optimizer: Any = optimizer) -> Any:
            optimizer.zero_grad()
            loss = model(torch.ones(4, 3)).pow(2).sum()
            loss.backward()
            return loss

        for _ in range(2):
            optimizer.step(closure)
            schedule.step()
        found[f"run {name}"] = {
            "model": model.state_dict(), "optimizer": optimizer.state_dict(),
            "schedule": schedule.state_dict(), "rng": torch.get_rng_state(), "epoch": 2,
            "loss": [closure().item()], "args": Namespace(lr=0.1, name="x", sizes=(1, [2])),
        }  # fmt: skip
    average = torch.optim.swa_utils.AveragedModel(torch.nn.Linear(2, 1))
    found["average"] = average.state_dict()
    return found


DTYPES = (
    "bool uint8 int8 int16 int32 int64 uint16 uint32 uint64 float16 bfloat16 float32 float64"
    " complex64 complex128"
)


def tensors() -> dict[str, Any]:
    found = {}
    for name in DTYPES.split():
        base = torch.arange(24).reshape(4, 6).to(getattr(torch, name))
        found[f"layouts of {name}"] = {
            "whole": base, "transposed": base.t(), "part": base[1:3, ::2], "row": base[2],
            "number": base[1, 1], "expanded": base[:1].expand(3, 6), "empty": base[:0],
            "alone": base.clone(), "again": base,
            "permuted": base.reshape(2, 2, 6).permute(2, 0, 1),
        }  # fmt: skip
    real = torch.arange(6.0).reshape(2, 3)
    z = torch.complex(real, -real)
    strided = torch.empty(2, 3, 4, 5).to(memory_format=torch.channels_last).fill_(1.5)
    found["strides"] = {"channels last": strided, "window": real.as_strided((3, 2), (1, 2), 1)}
    found["conjugated"] = [z.conj(), z.conj().t(), z.mH]
    found["negated"] = {"imag": z.clone().conj().imag}
    found["parameters"] = [
        torch.nn.Parameter(real.clone()), torch.nn.Parameter(real.clone(), requires_grad=False),
        torch.nn.Buffer(real.clone()), torch.ones(2, requires_grad=True), torch.ones(2),
    ]  # fmt: skip
    found["alone"] = torch.tensor([1.5, float("nan"), -0.0, float("inf")])
    noted = torch.nn.Parameter(torch.ones(2))
    noted.note = {"a": 1}
    found["with attributes"] = noted
    return found


def values() -> dict[str, Any]:
    array = np.arange(6).reshape(2, 3)
    return {
        "plain": {
            "none": None, "yes": True, "no": False, "int": -3, "large": 10**40, "float": 0.1,
            "odd": [float("inf"), -0.0, 1e-320], "text": "naïve – \U0001f600 \x00",
            "bytes": bytes(range(256)), "no bytes": b"", "complex": 1 - 2j, 3: "three",
            (1, "a"): "pair", None: "none", 1.5: "fraction", "slice": slice(1, None, 2),
        },
        "nested": (1, (2, (3, [4, {"five": (6,)}])), [], (), {}, [[[]]]),
        "containers": [
            OrderedDict(b=1, a=OrderedDict(c=(2,))), {1, "a"}, frozenset([2.5]),
            dict(Counter("hello")), dict(defaultdict(list, {"x": [1]})), bytearray(b"abc"),
        ],
        "torch": [torch.Size([2, 3]), torch.float16, torch.int64, torch.zeros(2).shape],
        "numpy": [
            array, array.T, array.astype(">f4"), array[:0], np.float32(2.5), np.int8(-1), array,
        ],
        "many": [str(i) for i in range(3000)] + list(range(3000)),
        "deep": json.loads("[" * 300 + "]" * 300),
    }  # fmt: skip


def corpus() -> dict[str, Any]:
    torch.manual_seed(0)
    states = {f"state of {name}": model.state_dict() for name, model in models().items()}
    return {**states, **runs(), **tensors(), **values()}


def test_checkpoints_load_where_pytorch_cannot_be_imported(tmp_path: Path) -> None:
    paths, expected, names = [], [], []
    for name, obj in corpus().items():
        for new in (True, False):
            if not new and any(name.endswith(kind) for kind in ("uint16", "uint32", "uint64")):
                continue  # the old format has no such tensors
            path = tmp_path / f"{len(paths)}.pt"
            torch.save(obj, path, _use_new_zipfile_serialization=new)
            paths.append(path), names.append((name, new)), expected.append(fingerprint(obj, {}))
    found = read_without_pytorch(paths)
    assert len(found) == len(paths) > 80
    normal = json.loads(json.dumps(expected))
    for name, mine, theirs in zip(names, found, normal, strict=True):
        if name[0] in ("conjugated", "negated"):  # (these do not share memory here)
            mine, theirs = ([*map(without_group, v[1])] for v in (mine, theirs))
        assert mine == theirs, name


def without_group(value: Any) -> Any:
    if isinstance(value, list) and value[:1] == ["tensor"]:
        return value[:4] + value[5:]
    return [*map(without_group, value)] if isinstance(value, list) else value


def test_whole_modules_are_refused(tmp_path: Path) -> None:
    torch.save(torch.nn.Sequential(torch.nn.Linear(1, 1)), tmp_path / "module.pt")
    with pytest.raises(ag.errors.CheckpointError, match=r"Sequential'.*save a state_dict"):
        ag.load(tmp_path / "module.pt")


@pytest.mark.parametrize("name", list(models()))
def test_there_and_back(name: str, tmp_path: Path) -> None:
    from safetensors.torch import load_file

    theirs = models()[name]
    torch.save(theirs.state_dict(), tmp_path / "theirs.pt")
    state = ag.load(tmp_path / "theirs.pt")
    ag.save(state, tmp_path / "ours.safetensors")
    back = load_file(tmp_path / "ours.safetensors")
    assert set(back) <= set(theirs.state_dict())  # (what is tied is stored once)
    again = models()[name]
    missing, unexpected = again.load_state_dict(back, strict=False)
    assert not unexpected and set(missing) <= {"head.weight"}
    for key, tensor in theirs.state_dict().items():
        assert (
            torch.equal(again.state_dict()[key], tensor)
            and tensor.dtype == back.get(key, tensor).dtype
        )


def test_bytes_of_every_dtype_reach_pytorch(tmp_path: Path) -> None:
    from safetensors.torch import load_file

    state = {name: ag.arange(6).reshape(2, 3).to(getattr(ag, name)) for name in DTYPES.split()}
    state["transposed"] = ag.arange(6.0).reshape(2, 3).t()
    ag.save(state, tmp_path / "x.safetensors")
    for name, tensor in load_file(tmp_path / "x.safetensors").items():
        if name == "complex128":  # which safetensors lacks: pairs of float64
            tensor = torch.view_as_complex(tensor)
        assert tensor.tolist() == state[name].tolist(), name
        assert str(tensor.dtype) == f"torch.{state[name].dtype.name}"


def test_digests_tell_tensors_apart() -> None:
    one, other = torch.ones(2), torch.ones(2)
    assert fingerprint([one, one], {}) != fingerprint([one, other], {})
    assert fingerprint(one, {}) != fingerprint(one + 1, {})
