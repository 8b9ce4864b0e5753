"""Values of settings as JSON and back, exactly: NaN, infinities, -0.0, arrays, tuples.

Plain numbers, texts, truth values, lists and objects are themselves. What JSON cannot say is an
object with one telling key:

    {"$float": "NaN"}            also "Infinity" and "-Infinity"
    {"$array": [[1.0, 2.0]], "dtype": "float64", "shape": [1, 2]}
    {"$array": "AAAAAAAA8D8=", "dtype": "float64", "shape": [1, 1]}     base64, little-endian
"""

from __future__ import annotations

import base64
import binascii
import math
from collections.abc import Mapping
from typing import Any

import numpy as np

from visualad.errors import FileError

# Up to so many numbers an array is written out; larger ones as base64.
LONGEST_LIST = 1024
DTYPES = (
    "float64",
    "float32",
    "float16",
    "int64",
    "int32",
    "int16",
    "int8",
    "uint64",
    "uint32",
    "uint16",
    "uint8",
    "bool",
)
# Deeper data is refused before Python's own limit is met.
_DEEPEST = 60
_NOT_FINITE = {"NaN": math.nan, "Infinity": math.inf, "-Infinity": -math.inf}


def encode(value: Any, where: str, depth: int = 0) -> Any:
    """`value` as something that JSON can say.

    Args:
        where: what the value is, for the message of an error.

    Raises:
        FileError: for values of other kinds.
    """
    if depth > _DEEPEST:
        raise FileError(f"{where} is nested too deeply to be saved.")
    if value is None or isinstance(value, str | bool):
        return value
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, int):
        return int(value)
    if isinstance(value, float):
        return _encode_float(float(value))
    if isinstance(value, np.ndarray):
        return _encode_array(value, where)
    if isinstance(value, list | tuple):
        return [encode(part, where, depth + 1) for part in value]
    if isinstance(value, Mapping):
        if not all(isinstance(key, str) for key in value):
            raise FileError(f"{where} has keys that are no texts and cannot be saved.")
        if value.keys() & {"$float", "$array"}:
            raise FileError(f"{where} has a key that the file needs for itself; rename it.")
        return {key: encode(part, where, depth + 1) for key, part in value.items()}
    raise FileError(f"{where} is a {type(value).__name__}, which cannot be saved.")


def decode(value: Any, where: str, depth: int = 0) -> Any:
    """What `encode` was given; lists stay lists.

    Raises:
        FileError: if a telling key comes with something else than it should.
    """
    if depth > _DEEPEST:
        raise FileError(f"{where} is nested too deeply.")
    if isinstance(value, list):
        return [decode(part, where, depth + 1) for part in value]
    if not isinstance(value, dict):
        return value
    if "$float" in value:
        number = value["$float"]
        if len(value) > 1 or not isinstance(number, str) or number not in _NOT_FINITE:
            raise FileError(
                f'{where}: "$float" must be alone and "NaN", "Infinity" or "-Infinity".'
            )
        return _NOT_FINITE[number]
    if "$array" in value:
        return _decode_array(value, where)
    return {key: decode(part, where, depth + 1) for key, part in value.items()}


def _encode_float(value: float) -> Any:
    if math.isfinite(value):
        return value
    return {"$float": _name_of(value)}


def _name_of(value: float) -> str:
    if math.isnan(value):
        return "NaN"
    return "Infinity" if value > 0 else "-Infinity"


def _encode_array(array: np.ndarray[Any, Any], where: str) -> dict[str, Any]:
    dtype = array.dtype.name
    if dtype not in DTYPES:
        raise FileError(f"{where} is an array of {dtype}, which cannot be saved.")
    data: Any
    if array.size <= LONGEST_LIST:
        data = _nested(array)
    else:
        little = np.ascontiguousarray(array, dtype=array.dtype.newbyteorder("<"))
        data = base64.b64encode(little.tobytes()).decode("ascii")
    return {"$array": data, "dtype": dtype, "shape": list(array.shape)}


def _nested(array: np.ndarray[Any, Any]) -> Any:
    if array.ndim:
        return [_nested(part) for part in array]
    if array.dtype.kind != "f":
        return array.item()
    number = float(array)
    if not math.isfinite(number):
        return _name_of(number)
    # 0.1 in float32 is written 0.1, as long as it comes back the same.
    short = float(str(array[()]))
    return short if array.dtype.type(short) == array else number


def _decode_array(value: Mapping[str, Any], where: str) -> np.ndarray[Any, Any]:
    dtype, shape, data = value.get("dtype"), value.get("shape"), value["$array"]
    if dtype not in DTYPES:
        raise FileError(f"{where}: arrays of {dtype!r} are not known.")
    if not isinstance(shape, list) or not all(type(n) is int and n >= 0 for n in shape):
        raise FileError(f'{where}: "shape" of an array must be a list of whole numbers.')
    size = math.prod(shape)
    try:
        if isinstance(data, str):
            raw = base64.b64decode(data, validate=True)
            array = np.frombuffer(raw, dtype=np.dtype(dtype).newbyteorder("<"))
            array = array.astype(dtype).reshape(shape)
        else:
            flat = [_number(x, np.dtype(dtype).kind) for x in _flat(data, len(shape))]
            with np.errstate(over="ignore"):
                array = np.array(flat, dtype=dtype).reshape(shape)
            if size and np.shape(data) != tuple(shape):
                raise ValueError("rows of other lengths")
    except (ValueError, TypeError, OverflowError, binascii.Error):
        raise FileError(
            f"{where}: the data of the array are not numbers of the shape {tuple(shape)} and dtype "
            f"{dtype} that it gives."
        ) from None
    array.flags.writeable = False
    return array


def _flat(data: Any, dimensions: int) -> list[Any]:
    if dimensions == 0:
        return [data]
    for _ in range(dimensions - 1):
        data = [part for row in data for part in row]
    return list(data)


def _number(value: Any, kind: str) -> float | int | bool:
    if kind == "f" and isinstance(value, str) and value in _NOT_FINITE:
        return _NOT_FINITE[value]
    fits = {"f": type(value) in (int, float), "b": type(value) is bool}
    if not fits.get(kind, type(value) is int):
        raise TypeError("no number of this kind")
    number: float | int | bool = value
    return number
