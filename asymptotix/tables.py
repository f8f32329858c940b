"""How results look in a notebook, and how they become data frames. One row a result, one column a number."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from html import escape
from importlib import import_module
from typing import TYPE_CHECKING, Any, ClassVar, Protocol, TypeVar

if TYPE_CHECKING:
    import pandas
    import xarray
    from matplotlib.axes import Axes

# Whole numbers from here on are shown as 1e+12, not in full.
_LONG = 10**7


class Record(Protocol):
    """Anything with plain values under names."""

    def to_dict(self) -> dict[str, Any]: ...


R = TypeVar("R", bound=Record)


class Tabular:
    """A result that shows as a table of its single values and becomes one row of a data frame.

    ``keys`` names the attributes that make up the result, all fields if it is empty; those that need more than that
    have their own `to_dict`.
    """

    keys: ClassVar[tuple[str, ...]] = ()

    def to_dict(self) -> dict[str, Any]:
        """Plain values under the names of the command line's JSON."""
        return {name: getattr(self, name) for name in self.keys or vars(self)}

    def _repr_html_(self) -> str:
        return html_table((), row_of(self).items(), caption=type(self).__name__)

    def to_pandas(self) -> pandas.DataFrame:
        """One row: the fields of the problem, then the single values of the result; arrays are left out."""
        return Table([self]).to_pandas()


class Table(tuple[R, ...]):
    """Results of one kind side by side: the solutions of a curve, the verdicts of a verification.

    >>> from asymptotix import Problem, Table, solve
    >>> p = Problem("diagonal", gamma=1, d=100, n=150, lam=0, noise=2)
    >>> curve = Table(solve(p.replace(n=n, lam=lam)) for n in (150, 200) for lam in (0, 1))
    >>> curve.to_pandas()[["n", "lam", "status"]].values.tolist()[:2]
    [[150.0, 0.0, 'ridgeless'], [150.0, 1.0, 'converged']]
    >>> round(float(curve.to_xarray("n", "lam").error.sel(n=150, lam=0)), 12)
    4.0
    """

    __slots__ = ()

    def to_pandas(self) -> pandas.DataFrame:
        """One row a result."""
        import pandas

        return pandas.DataFrame([row_of(item) for item in self])

    def to_xarray(self, *axes: str) -> xarray.Dataset:
        """A dataset whose dimensions are the columns ``axes``, or the row number."""
        frame = self.to_pandas()
        return (frame.set_index(list(axes)) if axes else frame.rename_axis("row")).to_xarray()

    def plot(self, axes: Axes | None = None, *, x: str | None = None, y: str = "error", **style: Any) -> Axes:
        """Draw one column against another on your axes, or on new ones; see `asymptotix.plots.curve`.

        Args:
            axes: to draw on; scales and labels of axes that have something on them are kept.
            x, y: columns; ``x`` is what varies unless given.
            style: as matplotlib's ``plot`` takes it.

        Raises:
            InvalidInput: no such column.

        >>> from asymptotix import Problem, solve_many
        >>> p = Problem("diagonal", gamma=1, d=100, n=150, lam=1, noise=2)
        >>> solve_many(p.replace(n=n) for n in (50, 150, 500)).plot(color="black").get_xlabel()
        'samples n'
        """
        # by name: what draws knows all results, and they know tables
        draw: Callable[..., Axes] = import_module("asymptotix.plots").curve
        return draw(self, axes, x=x, y=y, **style)

    def _repr_html_(self) -> str:
        rows = [row_of(item) for item in self]
        names = list(dict.fromkeys(name for row in rows for name in row))
        return html_table(names, ([row.get(name) for name in names] for row in rows))


def row_of(item: Record) -> dict[str, Any]:
    """The problem's fields and the result's own; lists and tables within it are left out."""
    problem: Record | None = getattr(item, "problem", None)
    values: Mapping[str, Any] = {**(problem.to_dict() if problem is not None else {}), **item.to_dict()}
    return {name: value for name, value in values.items() if not isinstance(value, list | dict)}


def html_table(names: Sequence[str], rows: Iterable[Iterable[Any]], caption: str = "") -> str:
    r"""An HTML table; cells between dollars are LaTeX, which notebooks typeset.

    >>> html_table(["x"], [[1.0], ["$a < 1$"]])
    '<table><thead><tr><th>x</th></tr></thead><tbody><tr><td>1</td></tr><tr><td>$a &lt; 1$</td></tr></tbody></table>'
    """
    body = "".join(f"<tr>{''.join(f'<td>{escape(_text(x))}</td>' for x in row)}</tr>" for row in rows)
    head = "".join(f"<th>{escape(name)}</th>" for name in names)
    return (
        "<table>"
        + (f"<caption>{escape(caption)}</caption>" if caption else "")
        + (f"<thead><tr>{head}</tr></thead>" if head else "")
        + f"<tbody>{body}</tbody></table>"
    )


def _text(value: Any) -> str:
    if isinstance(value, float) or (isinstance(value, int) and abs(value) >= _LONG):
        return f"{float(value):.6g}"
    return "" if value is None else str(value)


def plain(value: Any) -> Any:
    """JSON has no infinity and no nan: they become strings and null, however deep."""
    if isinstance(value, dict):
        return {name: plain(item) for name, item in value.items()}
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    if isinstance(value, float) and not math.isfinite(value):
        return None if math.isnan(value) else str(value)
    return value
