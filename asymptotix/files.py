"""Writing files so that an interruption leaves the old one or the new one, never half of one."""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

if sys.version_info >= (3, 11):
    import tomllib as tomllib
else:
    pass

if TYPE_CHECKING:
    import numpy as np
    from matplotlib.figure import Figure
    from numpy.typing import NDArray


@contextmanager
def replacing(path: Path) -> Iterator[str]:
    """The name of a file beside the target, which is renamed over it once it is written."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    os.close(handle)
    try:
        yield temporary
        os.chmod(temporary, 0o644)
        os.replace(temporary, path)
    except BaseException:
        os.unlink(temporary)
        raise


def write_bytes(path: Path, content: bytes) -> None:
    """Write beside the target, then rename over it."""
    with replacing(path) as temporary:
        Path(temporary).write_bytes(content)


def write_text(path: Path, text: str) -> None:
    """`write_bytes` of UTF-8 text."""
    write_bytes(path, text.encode())


def settled(values: Any, digits: int = 4) -> NDArray[np.float64]:
    """Numbers to the digits that every machine agrees on, to be drawn.

    Training ends within its tolerance of the optimum, in the last digits as the machine's matrix products have it: with
    these digits a figure would be another file on every machine.

    >>> settled([0.123449, -1.00001e7, 0.0]).tolist()
    [0.1234, -10000000.0, 0.0]
    """
    import numpy as np

    given = np.asarray(values, dtype=float)
    return np.array([float(f"{x:.{digits}g}") for x in given.ravel()], dtype=float).reshape(given.shape)


#: Formats of a figure, and the fields of each that would tell one run from another.
_FORMATS = {
    ".png": {"Software": None},
    ".svg": {"Date": None},
    ".pdf": {"CreationDate": None, "Creator": None, "Producer": None},
}


def write_figure(path: Path, figure: Figure) -> None:
    """Write a figure as PNG, SVG and PDF: the same bytes each time it is made, text as text in the PDF."""
    import matplotlib as mpl
    import matplotlib.pyplot as plt

    with mpl.rc_context({"svg.hashsalt": "asymptotix", "svg.fonttype": "path", "pdf.fonttype": 42}):
        for suffix, metadata in _FORMATS.items():
            with replacing(path.with_suffix(suffix)) as temporary:
                figure.savefig(temporary, format=suffix[1:], dpi=150, metadata=metadata, bbox_inches="tight")
    plt.close(figure)
