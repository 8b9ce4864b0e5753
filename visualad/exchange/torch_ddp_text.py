"""The training program of `torch_ddp`, with <...> where the graph's own settings go."""

from __future__ import annotations

TRAINING = '''\
"""Trains model.py on any number of processes, written by VisualAD <VERSION>.

    python train_ddp.py                                             one process
    torchrun --standalone --nproc_per_node=2 train_ddp.py           two on this machine
    torchrun --nnodes=2 --nproc_per_node=8 --rdzv_backend=c10d --rdzv_endpoint=HOST:29400 \\\\
        train_ddp.py                                                on each of two machines

Each process takes its share of every batch. Losses and steps are those of one process to rounding,
whatever the number. GPUs are used where every process has one.
"""

import argparse
import os
from pathlib import Path

import numpy as np
import torch
import torch.distributed as dist
from torch.nn.parallel import DistributedDataParallel

from model import Model

HERE = Path(__file__).resolve().parent
EPOCHS, BATCH_SIZE, SEED = <EPOCHS_>, <BATCH_SIZE_>, <SEED_>
EVALUATED = 4096  # samples at a time


def make_optimizer(parameters):
    return <OPTIMIZER>


def batch_order(count, epoch):
    """The order of the samples in an epoch, the same in every process."""
    return np.random.default_rng([SEED, 1, epoch]).permutation(count)


def train_epoch(model, optimizer, x, y, epoch, rank, world):
    order = batch_order(len(x), epoch)
    for start in range(0, len(order), BATCH_SIZE):
        rows = order[start : start + BATCH_SIZE]
        own = np.array_split(rows, world)[rank]
        # The mean over the whole batch is the mean of the processes' losses with these weights. A
        # process without a sample takes part with weight 0, because the others wait for it.
        weight = len(own) * world / len(rows)
        own = torch.as_tensor(own if len(own) else rows[:1], device=x.device)
        optimizer.zero_grad()
        (weight * model(x[own], y[own])).backward()
        optimizer.step()


@torch.no_grad()
def mean_loss(model, x, y, rank, world):
    """The loss over all samples, of which each process looks at a share."""
    own = np.array_split(np.arange(len(x)), world)[rank]
    total = torch.zeros((), dtype=torch.float64, device=x.device)
    for start in range(0, len(own), EVALUATED):
        rows = own[start : start + EVALUATED]
        part = slice(int(rows[0]), int(rows[-1]) + 1)
        total += len(rows) * model(x[part], y[part])
    if dist.is_initialized():
        dist.all_reduce(total)
    return float(total) / len(x) if len(x) else float("nan")


def main():
    options = argparse.ArgumentParser(description="Train model.py on any number of processes.")
    options.add_argument("--epochs", type=int, default=EPOCHS)
    options.add_argument("--cpu", action="store_true", help="even where there are GPUs")
    options.add_argument("-o", "--output", default=str(HERE / "trained.pt"))
    options = options.parse_args()

    rank, world = int(os.environ.get("RANK", 0)), int(os.environ.get("WORLD_SIZE", 1))
    local = int(os.environ.get("LOCAL_RANK", 0))
    neighbours = int(os.environ.get("LOCAL_WORLD_SIZE", 1))
    on_gpu = not options.cpu and torch.cuda.is_available()
    on_gpu = on_gpu and torch.cuda.device_count() >= neighbours
    device = torch.device("cuda", local) if on_gpu else torch.device("cpu")
    if on_gpu:
        torch.cuda.set_device(device)
    if "RANK" in os.environ:
        dist.init_process_group("nccl" if on_gpu else "gloo")

    with np.load(HERE / "data.npz", allow_pickle=False) as file:
        data = {name: torch.as_tensor(file[name], device=device) for name in file.files}
    model = Model().to(device)
    distributed = DistributedDataParallel(model) if dist.is_initialized() else model
    optimizer = make_optimizer(model.parameters())

    for epoch in range(options.epochs + 1):
        if epoch:
            train_epoch(
                distributed, optimizer, data["x_train"], data["y_train"], epoch - 1, rank, world
            )
        train, test = (
            mean_loss(model, data[f"x_{part}"], data[f"y_{part}"], rank, world)
            for part in ("train", "test")
        )
        if rank == 0:
            print(f"epoch {epoch}: train {train!r} test {test!r}", flush=True)

    if rank == 0:
        torch.save(model.state_dict(), options.output)
    if dist.is_initialized():
        dist.barrier()
        dist.destroy_process_group()


if __name__ == "__main__":
    main()
'''
