"""Converts a weight of any framework to a flat NumPy array."""

from __future__ import annotations

from typing import Any

import numpy as np


def flat(weight: Any) -> np.ndarray:
    """A weight as one row of float32 or float64. It is copied only if it is on another device or has another layout.

    A complex weight becomes its real and imaginary parts, alternating.
    """
    if hasattr(weight, 'detach'):
        weight = from_torch(weight)
    row = np.asarray(weight).reshape(-1)
    if row.dtype.kind == 'c':
        row = np.ascontiguousarray(row).view(row.real.dtype)
    return row.astype('<f8' if row.dtype.itemsize >= 8 else '<f4', copy=False)


def from_torch(tensor: Any) -> np.ndarray:
    """The values of a PyTorch tensor, in CPU memory."""
    array: np.ndarray = wide(real(tensor).cpu()).numpy()
    return array


def taken(weight: Any, places: list[int]) -> list[Any]:
    """Single values of a weight, by their places in its row. A dense weight is not copied as a whole."""
    if not hasattr(weight, 'detach'):
        return list(flat(weight)[places].tolist())
    import torch

    dense = real(weight)
    return list(torch.take(dense, torch.tensor(places, dtype=torch.int64, device=dense.device)).tolist())


def real(tensor: Any) -> Any:
    """A PyTorch tensor without its graph, dense and real."""
    import torch

    tensor = tensor.detach()
    if tensor.layout is not torch.strided:
        tensor = tensor.to_dense()
    return torch.view_as_real(tensor.resolve_conj()) if tensor.is_complex() else tensor


def wide(tensor: Any) -> Any:
    """The same tensor with elements of at least 32 bits, because NumPy has no bfloat16."""
    return tensor.float() if tensor.element_size() < 4 else tensor


def dtype_of(weight: Any) -> str:
    """The element type of a weight on the wire."""
    name = dtype_name_of(weight)
    double = ('float64', 'complex128', 'longdouble', 'float128', 'complex256')
    return 'f64' if name.endswith(double) else 'f32'


def shape_of(weight: Any) -> tuple[int, ...]:
    """The shape of a weight on the wire. A complex weight has an additional last axis of length two."""
    shape = tuple(int(extent) for extent in np.shape(weight) if extent is not None)
    return (*shape, 2) if is_complex(weight) else shape


def is_complex(weight: Any) -> bool:
    return 'complex' in str(getattr(weight, 'dtype', ''))


def is_floating(weight: Any) -> bool:
    """Whether it contains real or complex floating-point numbers of any width, and not integers or quantised values."""
    return dtype_name_of(weight).startswith(('float', 'bfloat', 'complex', 'half', 'double', 'longdouble'))


def dtype_name_of(weight: Any) -> str:
    """Its element type without the name of a framework or the byte order, such as "float32"."""
    dtype = getattr(weight, 'dtype', None)
    dtype = np.asarray(weight).dtype if dtype is None else dtype
    return str(getattr(dtype, 'name', dtype)).rpartition('.')[2]
