r"""Trained weights as they are saved: one array or several layers, ``S`` or hidden units ``W``.

A file is an ``.npy`` array, or an ``.npz`` archive of layers (``np.savez("w.npz", **{k: v.numpy() for k, v in
model.state_dict().items()})``). A layer is a vector of coefficients, a symmetric matrix ``S``, or hidden units ``W``
(p, d), one a row, whose ``S = W'W / sqrt(p d)`` (`asymptotix.units.matrix_of`) is what has a spectrum.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from asymptotix.errors import InvalidInput
from asymptotix.networks import get
from asymptotix.spectrum.weights import is_symmetric, reads_singular_values
from asymptotix.units import WEIGHTS, matrix_of
from asymptotix.validate import one_of

#: How a file's two-axis arrays are read.
FORMS = ("auto", "matrix", *WEIGHTS)
_AXES = 2  # a layer is a matrix


@dataclass(frozen=True)
class Layer:
    """One array of a file.

    Attributes:
        name: its key in the archive, or the file's name.
        array: as it was saved, or ``S`` once it has been read by `spectral`.
        shape: as it was saved.
        notes: what was made of it, and what is odd about it.
        units: number of hidden units, if it was made of so many that are fewer than dimensions.
    """

    name: str
    array: NDArray[Any]
    shape: tuple[int, ...]
    notes: tuple[str, ...] = ()
    units: int | None = None


def read_layers(path: Path, key: str | None = None) -> list[Layer]:
    """The arrays in a file; ``key`` chooses one of an archive.

    Raises:
        InvalidInput: no such file, not an array or archive of arrays, or no such key (the message lists the keys).
    """
    allowed = "an .npy file of numbers, or an .npz archive of them"
    try:
        loaded = np.load(path, allow_pickle=False)
    except (OSError, ValueError, EOFError) as error:
        raise InvalidInput("weights", str(path), f"{allowed} ({error})") from None
    if isinstance(loaded, np.ndarray):
        if key is not None:
            raise InvalidInput("key", key, f"no key: {path.name} is one array, not an archive")
        return [Layer(path.stem, loaded, loaded.shape)]
    with loaded:
        names = list(loaded.files)
        if key is not None and key not in names:
            raise InvalidInput("key", key, f"one of the keys of {path.name}: {', '.join(names) or 'none'}")
        try:
            arrays = {name: loaded[name] for name in (names if key is None else [key])}
        except (ValueError, OSError, EOFError) as error:
            raise InvalidInput("weights", str(path), f"{allowed} ({error})") from None
    if not arrays:
        raise InvalidInput("weights", str(path), "an archive of at least one array")
    return [Layer(name, array, array.shape) for name, array in arrays.items()]


def paired(layers: list[Layer], network: str | None, form: str = "auto") -> list[Layer]:
    """Two layers ``U`` and ``V`` of a network of two as its ``S = U'V / sqrt(p d)``; plain: without the root.

    Raises:
        InvalidInput: hidden units of a network of two layers, but not two arrays of as many rows.

    >>> u, v = (Layer(name, np.eye(30, 40), (30, 40)) for name in "UV")
    >>> (s,) = paired([u, v], "bilinear")
    >>> s.name, s.array.shape, s.notes
    ('U and V', (40, 40), ("30 hidden units, read as S = U'V/sqrt(p d)",))
    """
    net = None if network is None else get(network)
    if net is None or not reads_singular_values(net) or (len(layers) == 1 and form not in WEIGHTS):
        return layers
    shapes = [layer.shape for layer in layers]
    alike = len({(len(shape), *shape[:1]) for shape in shapes}) == 1
    if not (alike and len(shapes) == _AXES == len(shapes[0])):
        allowed = "S, or two layers U and V of p rows each"
        raise InvalidInput("weights", f"shapes {', '.join(map(str, shapes))}", allowed)
    u, v = (np.asarray(layer.array, dtype=float) for layer in layers)
    p, d = len(v), max(u.shape[1], v.shape[1])
    plain = form == "plain"
    note = f"{p} hidden units, read as S = U'V" + ("" if plain else "/sqrt(p d)")
    s = u.T @ v if plain else u.T @ v / np.sqrt(p * d)
    return [Layer(f"{layers[0].name} and {layers[1].name}", s, s.shape, (note,))]


def spectral(layer: Layer, network: str | None, form: str = "auto") -> Layer:
    """The layer as what `diagnose` takes: hidden units become ``S``, and a spectrum of two signs is said to be one.

    Args:
        form: ``"matrix"``: it is ``S``; ``"normalised"`` or ``"plain"``: it is ``W``, and ``S`` has ``1/sqrt(p d)`` or
            not; ``"auto"``: ``S`` if it is square and symmetric, else normalised ``W``.

    Raises:
        InvalidInput: an unknown form, or hidden units whose output signs are not known.

    >>> layer = spectral(Layer("W", np.eye(30, 40), (30, 40)), None)
    >>> layer.array.shape, layer.notes
    ((40, 40), ("30 hidden units in 40 dimensions, read as S = W'W/sqrt(p d)",))
    """
    one_of("weights", form, FORMS)
    array = layer.array
    if array.ndim != _AXES or array.dtype.kind not in "fiu" or not np.isfinite(array).all():
        return layer  # a vector, or what `diagnose` refuses by itself
    net = None if network is None else get(network)
    if net is not None and (net.is_sequence or reads_singular_values(net)):
        return layer
    array, notes = array.astype(float), []
    if form in WEIGHTS or (form == "auto" and not is_symmetric(array)):
        scaled = "plain" if form == "plain" else "normalised"
        if net is not None and net.sides != 1:
            allowed = f"S = W' diag(signs) W of a {network} network, whose signs are not in W: save S"
            raise InvalidInput("weights", f"shape {layer.shape}", allowed)
        p, d = array.shape
        product = "W'W" if scaled == "plain" else "W'W/sqrt(p d)"
        notes.append(f"{p} hidden units in {d} dimensions, read as S = {product}")
        return replace(layer, array=matrix_of(array, scaled), notes=tuple(notes), units=p if p < d else None)
    return replace(layer, array=array, notes=() if network is not None else _signs(array))


def _signs(array: NDArray[np.float64]) -> tuple[str, ...]:
    """What is said of a matrix whose eigenvalues have both signs."""
    if not is_symmetric(array):
        return ()
    values = np.linalg.eigvalsh(array)
    below = values < -np.finfo(float).eps * len(values) * np.abs(values).max(initial=0.0)
    if not below.any():
        return ()
    return (f"{below.sum()} of {len(values)} eigenvalues are negative, down to {values[0]:.3g}: no S = W'W",)
