"""Signal processing: ``autograd_core.signal``, as ``torch.signal``."""

from __future__ import annotations

from autograd_core.signal import windows
