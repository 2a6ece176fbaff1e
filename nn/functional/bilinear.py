"""Linear maps besides `linear`, which is an operator of its own."""

from __future__ import annotations

from autograd_core.tensor import Tensor


def bilinear(input1: Tensor, input2: Tensor, weight: Tensor, bias: Tensor | None = None) -> Tensor:
    """Return `y[..., k] = input1 @ weight[k] @ input2 + bias[k]` for each pair of rows.

    Args:
        input1: `(*, in1_features)`.
        input2: `(*, in2_features)`, with the same leading dimensions.
        weight: `(out_features, in1_features, in2_features)`.
        bias: `(out_features,)`; none if left out.

    Returns:
        `(*, out_features)`.

    Raises:
        ValueError: the sizes do not fit.

    Source: PyTorch's ``torch.nn.functional.bilinear``.

    Example:
        >>> import autograd_core as ag
        >>> bilinear(ag.ones(1, 2), ag.ones(1, 3), ag.ones(4, 2, 3)).tolist()
        [[6.0, 6.0, 6.0, 6.0]]
    """
    fits = (
        input1.shape[:-1] == input2.shape[:-1]
        and weight.ndim == 3
        and tuple(weight.shape[1:]) == (input1.size(-1), input2.size(-1))
        and (bias is None or tuple(bias.shape) == (weight.size(0),))
    )
    if not fits:
        raise ValueError(
            "bilinear: expected inputs (*, in1), (*, in2), weight (out, in1, in2) and bias (out,), "
            f"got {tuple(input1.shape)}, {tuple(input2.shape)}, {tuple(weight.shape)} and "
            f"{None if bias is None else tuple(bias.shape)}"
        )
    out, in1, in2 = weight.shape
    # (*, in1) @ (in1, out * in2), then the rows of each output against input2.
    left = input1 @ weight.permute(1, 0, 2).reshape(in1, out * in2)
    left = left.reshape(tuple(input1.shape[:-1]) + (out, in2))
    result = (left @ input2.unsqueeze(-1)).squeeze(-1)
    return result if bias is None else result + bias
