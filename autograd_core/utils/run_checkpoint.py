"""Checkpoints of a whole run: model, optimizer, loader, random numbers, and where it stands."""

from __future__ import annotations

import os
import re
import warnings
from pathlib import Path
from typing import Any

from autograd_core.errors import CheckpointError
from autograd_core.serialization import load, save
from autograd_core.utils.random_states import random_states, restore_random_states

_STATE_DICT, _STATE = ("state_dict", "load_state_dict"), ("get_state", "set_state")
_NAME = re.compile(r"checkpoint-(\d{8})\.safetensors")


class RunCheckpoint:
    """The checkpoints of one run, numbered, in one folder.

    Each is written beside its place and moved there when it is complete, so a run that is killed
    at any moment leaves the last good one as it was. Random numbers go on where they stood: those
    of every device of the engine, of NumPy's global generator and of Python's ``random``.

    Args:
        folder: where the files are; made if it is missing.
        keep: how many of the newest stay.
        parts: what belongs to the run, by name: anything with ``state_dict()`` and
            ``load_state_dict()`` (a module, an optimizer, a scheduler, a loader), and
            generators.

    Raises:
        ValueError: ``keep`` is less than 1.
        TypeError: a part has no state.

    Example:
        >>> import tempfile
        >>> import autograd_core as ag
        >>> from autograd_core.utils.run_checkpoint import RunCheckpoint
        >>> model = ag.nn.Linear(2, 1)
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     run = RunCheckpoint(folder, keep=2, model=model)
        ...     start = run.restore()  # None: the run is new
        ...     for epoch in range(5):
        ...         path = run.save(epoch=epoch)
        ...     sorted(path.name for path in run.paths()), run.restore()
        (['checkpoint-00000004.safetensors', 'checkpoint-00000005.safetensors'], {'epoch': 4})
    """

    def __init__(self, folder: str | os.PathLike[str], *, keep: int = 3, **parts: Any) -> None:
        if keep < 1:
            raise ValueError(f"RunCheckpoint: keep must be at least 1, got {keep}")
        for name, part in parts.items():
            if not (_has(part, *_STATE_DICT) or _has(part, *_STATE)):
                raise TypeError(
                    f"RunCheckpoint: the part {name!r} is a {type(part).__name__}; expected an"
                    f" object with state_dict() and load_state_dict(), or a generator. Mend: give"
                    f" plain values to save()"
                )
        self.folder, self.keep, self.parts = Path(folder), keep, parts

    def paths(self) -> list[Path]:
        """The files that there are, the newest first."""
        if not self.folder.is_dir():
            return []
        found = [path for path in self.folder.iterdir() if _NAME.fullmatch(path.name)]
        return sorted(found, key=lambda path: path.name, reverse=True)

    def save(self, **values: Any) -> Path:
        """Write a checkpoint, then let go of those beyond the newest ``keep``.

        Args:
            values: what else to keep, such as the epoch or a history: anything that ``ag.save``
                takes. ``restore`` gives it back.

        Returns:
            The new file's path.

        Raises:
            TypeError: a value or a state holds what cannot be saved.
        """
        self.folder.mkdir(parents=True, exist_ok=True)
        present = self.paths()
        number = 1 + (int(_NAME.fullmatch(present[0].name)[1]) if present else 0)  # type: ignore[index]
        path = self.folder / f"checkpoint-{number:08d}.safetensors"
        parts = {name: _state(part) for name, part in self.parts.items()}
        save({"parts": parts, "random": random_states(), "values": values}, path)
        for old in present[self.keep - 1 :]:
            old.unlink(missing_ok=True)
        for interrupted in self.folder.glob(".checkpoint-*.tmp"):
            interrupted.unlink(missing_ok=True)
        return path

    def restore(self, path: str | os.PathLike[str] | None = None) -> dict[str, Any] | None:
        """Put parts and random numbers where a checkpoint left them.

        Args:
            path: which one; default the newest that is sound. A damaged one is passed over with a
                warning.

        Returns:
            The values that ``save`` was given; None if there is no checkpoint yet.

        Raises:
            CheckpointError: the file at ``path``, or every file, is damaged; or it holds other
                parts than this run has.
        """
        candidates = self.paths() if path is None else [Path(path)]
        reasons = []
        for candidate in candidates:
            try:
                found = load(candidate, map_location="cpu")
            except CheckpointError as error:
                reasons.append(str(error))
                continue
            for reason in reasons:
                warnings.warn(f"RunCheckpoint: passed over a checkpoint: {reason}", stacklevel=2)
            return self._apply(candidate, found)
        if reasons:
            raise CheckpointError(f"RunCheckpoint: no checkpoint is sound: {'; '.join(reasons)}")
        return None

    def _apply(self, path: Path, found: Any) -> dict[str, Any]:
        match found:
            case {"parts": dict(parts), "random": dict(states), "values": dict(values)}:
                pass
            case _:
                raise CheckpointError(f"RunCheckpoint: {path} is no checkpoint of a run")
        if set(parts) != set(self.parts):
            raise CheckpointError(
                f"RunCheckpoint: {path} holds the parts {sorted(parts)}, this run has"
                f" {sorted(self.parts)}"
            )
        for name, part in self.parts.items():
            if _has(part, *_STATE_DICT):
                part.load_state_dict(parts[name])
            else:
                part.set_state(parts[name])
        restore_random_states(states)
        return values


def _has(part: Any, *methods: str) -> bool:
    return all(callable(getattr(part, name, None)) for name in methods)


def _state(part: Any) -> Any:
    return part.state_dict() if _has(part, *_STATE_DICT) else part.get_state()
