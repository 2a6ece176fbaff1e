"""What rearrangements and writes in place give otherwise than PyTorch; see fuzzing_excuses.py."""

from __future__ import annotations

from fuzzing_excuse import FEWER, Excuse, nothing, nothing_at_all

PLACES = [
    Excuse(
        "nn.functional.pad",
        r".*with PyTorch: (NotImplementedError: (Padding size|Only 2D)|RuntimeError: Expected \dD)",
        "PyTorch pads by reflection and its like in certain dimensions only",
    ),
    Excuse(
        "roll cat concatenate cummax cummin",
        r"raises here: Index(ing)?Error: .* is out of range .*with PyTorch: nothing",
        "PyTorch does not look at the dimension of a tensor without elements",
        nothing_at_all,
    ),
    Excuse(
        "repeat_interleave",
        "raises here: nothing; with PyTorch: IndexError: Dimension out of range",
        "a number has a dimension 0 here, as elsewhere in PyTorch",
        lambda call: not call.recipes[0].shape,
    ),
    Excuse(
        "meshgrid cartesian_prod",
        ".*meshgrid expects all tensors to have the same dtype",
        "nothing speaks against different dtypes",
    ),
    Excuse(
        "program",
        "backward raises with PyTorch: RuntimeError: one of the variables needed for gradient "
        "computation has been modified by an inplace operation",
        FEWER,
    ),
    Excuse(
        "program",
        r"result 0 is 'refused: ",
        "PyTorch's masked_fill_ only warns where elements share memory",
        lambda call: {"expand", "masked_fill_"} <= {step[0] for step in call.args[2]},
    ),
    Excuse(
        "program",
        r"result 0 is 'refused: ",
        "nothing can be written to an expanded tensor of no elements",
        lambda call: nothing(call) and {"expand", "set"} <= {step[0] for step in call.args[2]},
    ),
    Excuse(
        "program",
        r"backward raises with PyTorch: RuntimeError: (Function \S+ returned an )?invalid gradient",
        "after a write to the shape without recording PyTorch expects gradients of the former one",
        lambda call: {"transpose_", "squeeze_", "unsqueeze_"} & {step[0] for step in call.args[2]},
    ),
]
