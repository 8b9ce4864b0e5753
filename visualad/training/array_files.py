"""Arrays in files: NumPy's .npy and .npz, and the IDX files in which MNIST comes."""

from __future__ import annotations

import io
import math
import struct
import zipfile
import zlib
from typing import Any

import numpy as np
from numpy.typing import NDArray

from visualad.errors import FileError
from visualad.training.source import LARGEST, Source, unpacked

# What the arrays of an .npz file are usually called.
INPUTS = ("x", "X", "x_train", "X_train", "inputs", "data", "images", "features")
TARGETS = ("y", "Y", "y_train", "Y_train", "targets", "target", "labels", "label")

# IDX: the third byte of the magic number says what the values are. LeCun's format of MNIST.
IDX_TYPES = {0x08: ">u1", 0x09: ">i1", 0x0B: ">i2", 0x0C: ">i4", 0x0D: ">f4", 0x0E: ">f8"}

Arrays = tuple[NDArray[Any], NDArray[Any]]


def is_idx(name: str) -> bool:
    """Whether the name is that of an IDX file."""
    return "-idx" in name or ".idx" in name


def read_arrays(source: Source, suffix: str) -> Arrays:
    """Inputs and targets of an .npz or .npy file, each with one row for each sample.

    Raises:
        FileError: one sentence on what is wrong.
    """
    arrays: dict[str, NDArray[Any]] = {}
    name = source.name
    packed = name.lower().endswith(".gz")
    try:
        with io.BytesIO(unpacked(source)) if packed else source.open() as file:
            if suffix == ".npz":
                with zipfile.ZipFile(file) as archive:
                    if sum(part.file_size for part in archive.infolist()) > LARGEST:
                        raise FileError(f"{name} holds more than 2 GiB; take a part of it.")
                file.seek(0)
                with np.load(file, allow_pickle=False) as found:
                    arrays = {key: found[key] for key in found.files}
            else:
                if file.seek(0, io.SEEK_END) > LARGEST:
                    raise FileError(f"{name} holds more than 2 GiB; take a part of it.")
                file.seek(0)
                arrays = {"data": np.load(file, allow_pickle=False)}
    except (ValueError, zipfile.BadZipFile, KeyError, zlib.error, EOFError, MemoryError):
        raise FileError(
            f"{name} holds no arrays of numbers that NumPy reads without running code; save "
            "them with np.savez."
        ) from None
    targets = next((key for key in TARGETS if key in arrays), None)
    inputs = next((key for key in INPUTS if key in arrays and key != targets), None)
    if suffix == ".npy" or (targets is None and len(arrays) == 1):
        (table,) = arrays.values()
        if table.ndim != 2 or table.shape[1] < 2 or len(table) == 0:
            raise FileError(
                f"{name} holds an array of shape {table.shape}; expected is a table with the "
                "target in the last column, or an .npz file with arrays x and y."
            )
        arrays, inputs, targets = {"x": table[:, :-1], "y": table[:, -1]}, "x", "y"
    if inputs is None or targets is None:
        raise FileError(
            f"{name} holds the arrays {', '.join(list(arrays)[:8]) or 'none'}; name the "
            "inputs x and the targets y."
        )
    return arrays[inputs], arrays[targets]


def labels_beside(name: str) -> tuple[str, ...]:
    """What the file may be called that has the labels of these images."""
    labels = name.replace("images", "labels").replace("idx3", "idx1")
    bare = labels.removesuffix(".gz")
    return () if labels == name else (labels, bare, f"{bare}.gz")


def read_images(source: Source) -> Arrays:
    """Images, from 0 to 1, with the labels that lie beside them, as MNIST comes.

    Raises:
        FileError: one sentence on what is wrong.
    """
    found = (source.beside(name) for name in labels_beside(source.name))
    labels = next((other for other in found if other is not None), None)
    if labels is None:
        raise FileError(
            f"{source.name} needs its labels beside it: train-images-idx3-ubyte goes with "
            "train-labels-idx1-ubyte. Give the file with the images."
        )
    images = read_idx(source)
    if images.ndim < 2:
        raise FileError(f"{source.name} holds labels; give the file with the images.")
    pixels = images / 255 if images.dtype == np.uint8 else images.astype(np.float64)
    return pixels, read_idx(labels)


def read_idx(source: Source) -> NDArray[Any]:
    """The array of an IDX file.

    Raises:
        FileError: if it is none, or shorter or longer than it says.
    """
    content = unpacked(source)
    if len(content) < 4 or content[:2] != b"\0\0" or content[2] not in IDX_TYPES:
        raise FileError(f"{source.name} is no IDX file: it does not begin as one.")
    dtype, axes = np.dtype(IDX_TYPES[content[2]]), content[3]
    start = 4 + 4 * axes
    if not 1 <= axes <= 8 or len(content) < start:
        raise FileError(f"{source.name} is no IDX file: its header is damaged.")
    shape = struct.unpack(f">{axes}I", content[4:start])
    if math.prod(shape) * dtype.itemsize != len(content) - start:
        raise FileError(
            f"{source.name} is damaged: it says {' x '.join(map(str, shape))} values but holds "
            f"{(len(content) - start) // dtype.itemsize}."
        )
    values = np.frombuffer(content, dtype, offset=start).reshape(shape)
    return values.astype(dtype.newbyteorder("="))
