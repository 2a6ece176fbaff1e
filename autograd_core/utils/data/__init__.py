"""From samples to minibatches, with PyTorch's names: data sets, samplers and the loader."""

from __future__ import annotations

from autograd_core.utils.data import _utils
from autograd_core.utils.data.collate import default_collate, default_convert
from autograd_core.utils.data.dataloader import DataLoader
from autograd_core.utils.data.dataset import (
    ChainDataset,
    ConcatDataset,
    Dataset,
    IterableDataset,
    StackDataset,
    Subset,
    TensorDataset,
    random_split,
)
from autograd_core.utils.data.distributed import DistributedSampler
from autograd_core.utils.data.sampler import (
    BatchSampler,
    RandomSampler,
    Sampler,
    SequentialSampler,
    SubsetRandomSampler,
    WeightedRandomSampler,
)
from autograd_core.utils.data.shared import SharedList
from autograd_core.utils.data.worker import WorkerInfo, get_worker_info

__all__ = [
    "BatchSampler",
    "ChainDataset",
    "ConcatDataset",
    "DataLoader",
    "Dataset",
    "DistributedSampler",
    "IterableDataset",
    "RandomSampler",
    "Sampler",
    "SequentialSampler",
    "SharedList",
    "StackDataset",
    "Subset",
    "SubsetRandomSampler",
    "TensorDataset",
    "WeightedRandomSampler",
    "WorkerInfo",
    "_utils",
    "default_collate",
    "default_convert",
    "get_worker_info",
    "random_split",
]
