"""The four weights of cubic convolution."""

from __future__ import annotations

from typing import Any


def cubic_weights(share: Any, a: float) -> tuple[Any, Any, Any, Any]:
    """The weights of the two elements before a place and the two after it.

    Args:
        share: how far the place lies from the element before it to the one after it, 0 to 1; an
            array or a tensor.
        a: the slope at distance 1; -0.75 for images in PyTorch, -0.5 with anti-aliasing.

    Source: Keys, "Cubic convolution interpolation for digital image processing" (1981).
    """

    def near(x: Any) -> Any:
        return ((a + 2) * x - (a + 3)) * x * x + 1

    def far(x: Any) -> Any:
        return ((a * x - 5 * a) * x + 8 * a) * x - 4 * a

    return far(share + 1), near(share), near(1 - share), far(2 - share)
