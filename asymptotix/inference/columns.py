"""Tables as loggers and data frames have them, turned into rows of columns that are known.

Understood without being told: capitals, ``config.n``, ``params/lam``, ``test/loss``; wide tables with a column a run,
``lam=0.1 seed=3 - test_loss`` (with ``...__MIN``, ``...__MAX`` beside it, as wandb exports them); ``alpha`` and
``weight_decay``, which say in what units lam is; several rows a run by step or epoch, of which the last one counts.
Everything else is named in ``columns``. What is left out is said.
"""

from __future__ import annotations

import csv
import difflib
import math
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from asymptotix.errors import InvalidInput
from asymptotix.validate import one_of

#: Columns that say how good a run was; one of them is needed.
MEASURES = ("error", "excess_risk", "test_loss")
#: Further columns that are understood; ``train_loss`` is allowed and not used.
KNOWN = ("n", "lam", *MEASURES, "stderr", "seed", "width", "train_loss")

_ALIASES = {
    "n": ("n_samples", "num_samples", "samples", "n_train", "num_train", "train_size", "dataset_size"),
    "lam": ("lambda", "alpha", "weight_decay", "wd"),
    "error": (),
    "excess_risk": ("excess", "excess_loss"),
    "test_loss": ("test_mse", "val_loss", "val_mse", "valid_loss", "validation_loss", "eval_loss"),
    "stderr": ("std_err", "standard_error", "sem"),
    "seed": ("random_state", "random_seed"),
    "width": ("n_hidden", "hidden", "hidden_size", "hidden_units"),
    "train_loss": ("train_mse", "loss"),
}
_NAMES = {alias: name for name, aliases in _ALIASES.items() for alias in (name, *aliases)}
# What lam is where its column is called so.
_UNITS = {"alpha": "alpha", "weight_decay": "weight-decay", "wd": "weight-decay"}
# Columns that say how far a run had come, and which run it was.
_STEPS = ("step", "_step", "global_step", "trainer_global_step", "epoch")
_RUN_NAMES = ("name", "run", "run_id", "run_name", "id")
# Between the name of a run and that of its number; what stands after the number's name for its extremes.
_OF_RUN, _EXTREMES = " - ", ("__min", "__max")
# Segments of a name that are not left out: the error on the training set is another one.
_TELLING = ("train", "training")
_DELIMITERS = ",;\t"
# Rows named in a note.
_LISTED = 5


@dataclass(frozen=True)
class Table:
    """Rows with known names only.

    Attributes:
        rows: the number of each row (the heading is row 1) and its values.
        lam_unit: as in `Convention`; what the name of the column says.
        notes: what was left out, and what was taken for what.
    """

    rows: tuple[tuple[int, dict[str, Any]], ...]
    lam_unit: str
    notes: tuple[str, ...]


def read_table(data: Any, columns: Mapping[str, Any] | None = None) -> Table:
    """Rows of known columns from a CSV file, a data frame, columns, or mappings.

    Args:
        columns: known name -> the column that it is, or the number that it has in all rows.

    Raises:
        InvalidInput: a file or object that is no table, or a name in ``columns`` that is not known or not there.

    >>> wide = {"n": [10, 20], "lam=1 - test_loss": [0.5, 0.3], "lam=2 - test_loss": [0.6, ""], "wall": [0, 1]}
    >>> table = read_table(wide)
    >>> [(row, values["n"], values["lam"], values["test_loss"]) for row, values in table.rows]
    [(2, 10, 1.0, 0.5), (2, 10, 2.0, 0.6), (3, 20, 1.0, 0.3)]
    >>> table.notes
    ("column 'wall' is not used",)
    """
    raw = list(_rows(data))
    headings = list(dict.fromkeys(name for row in raw for name in row))
    chosen, constants = _given(columns or {}, headings)
    meaning = _recognised(headings, chosen, constants)
    units = {_UNITS.get(_core(h), "sum") for h, name in meaning.items() if name == "lam" and h not in chosen}
    notes = _unused(headings, meaning, chosen)
    steps = next((h for h in headings if h not in meaning and _core(h) in _STEPS), None)
    names = [h for h in headings if h not in meaning and _core(h) in _RUN_NAMES]
    found: list[tuple[int, dict[str, Any], Any, Any]] = []
    empty = []
    for number, row in enumerate(raw, start=2):
        parts = [p for p in _parts(row, meaning) if any(not blank(p[1].get(m)) for m in MEASURES)]
        if not parts:
            empty.append(number)
        for prefix, values in parts:
            run = (prefix, *(str(row.get(h)) for h in names))
            found.append((number, {**constants, **values}, run, None if steps is None else row.get(steps)))
    if empty and found:
        notes.append(f"{_listed(empty)} without a measure left out")
    rows, dropped = _last_steps(found)
    if dropped:
        notes.append(f"{dropped} earlier rows by {steps} left out: the last one of each run counts")
    unit = next(iter(units - {"sum"}), "sum")
    if unit != "sum":
        notes.append(f"lam is read in units of {unit}: its column is called so")
    return Table(tuple(rows), unit, tuple(notes))


def _rows(data: Any) -> Iterable[Mapping[str, Any]]:
    if isinstance(data, str | Path):
        return csv_rows(Path(data))
    if hasattr(data, "to_dict") and hasattr(data, "columns"):
        frame = data.reset_index() if any(name is not None for name in data.index.names) else data
        return [dict(row) for row in frame.to_dict("records")]
    if isinstance(data, Mapping):  # columns side by side
        lengths = {name: len(column) for name, column in data.items()}
        if len(set(lengths.values())) > 1:
            raise InvalidInput("data", f"columns of lengths {lengths}", "columns of one length")
        return [dict(zip(data, row, strict=True)) for row in zip(*data.values(), strict=True)]
    rows = list(data)
    if not all(isinstance(row, Mapping) for row in rows):
        raise InvalidInput(
            "data", type(data).__name__, "a CSV file, a data frame, columns, or a list of mappings"
        )
    return [dict(row) for row in rows]


def csv_rows(path: Path) -> list[Mapping[str, Any]]:
    """Commas, semicolons or tabs, whichever the heading has most of; a byte order mark is passed over."""
    try:
        text = path.read_text(encoding="utf-8-sig")
        heading = text.partition("\n")[0]
        delimiter = max(_DELIMITERS, key=heading.count)
        rows = list(csv.DictReader(text.splitlines(), delimiter=delimiter))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise InvalidInput("data", str(path), f"a readable CSV file ({error})") from None
    for number, row in enumerate(rows, start=2):
        if None in row:
            raise InvalidInput("data", f"row {number}", "as many values as the heading has names")
    return [dict(row) for row in rows]


def _given(columns: Mapping[str, Any], headings: list[str]) -> tuple[dict[str, str], dict[str, float]]:
    """What the user says: heading -> known name, and numbers that are the same in all rows."""
    chosen, constants = {}, {}
    for name, column in columns.items():
        one_of("column", name, KNOWN)
        if column in headings:
            chosen[str(column)] = name
            continue
        try:
            constants[name] = float(column)
        except (TypeError, ValueError):
            raise InvalidInput(
                "column", f"{name}={column}", f"a number, or a column among {', '.join(headings)}"
            ) from None
    return chosen, constants


def _recognised(
    headings: list[str], chosen: Mapping[str, str], constants: Mapping[str, float]
) -> dict[str, str]:
    """Heading -> known name. What the user has named is not looked for elsewhere, a measure least of all."""
    taken = {*chosen.values(), *constants}
    if taken & set(MEASURES):
        taken |= set(MEASURES)
    meaning = dict(chosen)
    for heading in headings:
        name = _NAMES.get(_core(heading))
        if heading not in meaning and name is not None and name not in taken:
            meaning[heading] = name
    # an exact name counts before others that mean the same
    for name in KNOWN:
        same = [h for h, n in meaning.items() if n == name and _OF_RUN not in h]
        if name in same:
            meaning = {h: n for h, n in meaning.items() if n != name or h == name or _OF_RUN in h}
        elif len(same) > 1:
            which = " and ".join(map(repr, same))
            raise InvalidInput(
                "data", f"columns {which}", f"one of them as {name}: --column {name}={same[0]}"
            )
    return meaning


def _core(heading: str) -> str:
    """The plain name at the end of a heading: ``config.n``, ``run - test/loss`` and ``Test Loss`` have one."""
    text = str(heading).rpartition(_OF_RUN)[2].strip().lower()
    segments = [re.sub(r"\W+", "_", part).strip() for part in re.split(r"[./:]", text) if part]
    while segments:
        joined = "_".join(segments)
        if joined in _NAMES or joined in _STEPS or joined in _RUN_NAMES or segments[0] in _TELLING:
            return joined
        segments = segments[1:]
    return text


def _parts(row: Mapping[str, Any], meaning: Mapping[str, str]) -> list[tuple[str, dict[str, Any]]]:
    """A row as the runs in it: one, or one for each prefix of a wide table."""
    shared = {name: row.get(h) for h, name in meaning.items() if _OF_RUN not in h}
    prefixes = dict.fromkeys(h.rpartition(_OF_RUN)[0] for h in meaning if _OF_RUN in h)
    if not prefixes:
        return [("", shared)]
    found = []
    for prefix in prefixes:
        own = {name: row.get(h) for h, name in meaning.items() if h.rpartition(_OF_RUN)[0] == prefix}
        found.append((prefix, {**shared, **_said_by(prefix), **own}))
    return found


def _said_by(prefix: str) -> dict[str, float]:
    """Numbers in the name of a run: ``lam=0.1 seed=3``, ``n: 500``, ``width_20``."""
    found = {}
    for name, number in re.findall(r"([A-Za-z_]+?)\s*[=:_]\s*([-+]?[\d.]+(?:[eE][-+]?\d+)?)", prefix):
        known = _NAMES.get(name.strip("_").lower())
        if known is not None and known not in MEASURES:
            found[known] = float(number)
    return found


def _unused(headings: list[str], meaning: Mapping[str, str], chosen: Mapping[str, str]) -> list[str]:
    """Notes on columns that are left out; one that may be a misspelt name says so."""
    notes, plain = [], []
    for heading in headings:
        core = _core(heading)
        passed = core in (*_STEPS, *_RUN_NAMES) or core.endswith(_EXTREMES)
        if heading in meaning or passed or _NAMES.get(core) == "train_loss":
            continue
        missing = [name for name in KNOWN if name not in meaning.values()]
        near = difflib.get_close_matches(core, [a for a in _NAMES if _NAMES[a] in missing], 1, 0.8)
        if near:
            name = _NAMES[near[0]]
            notes.append(f"column {heading!r} is not used: is it {name}? Then say --column {name}={heading}")
        else:
            plain.append(repr(heading))
    if plain:
        more = f" and {len(plain) - _LISTED} more" if len(plain) > _LISTED else ""
        which, are = ("columns", "are") if len(plain) > 1 else ("column", "is")
        notes.append(f"{which} {', '.join(plain[:_LISTED])}{more} {are} not used")
    return notes


def _last_steps(
    rows: list[tuple[int, dict[str, Any], Any, Any]],
) -> tuple[list[tuple[int, dict[str, Any]]], int]:
    """Of rows of one run at one place the last by step; without steps all are kept, as repeats."""
    latest: dict[Any, float] = {}
    keyed = []
    for number, values, run, step in rows:
        place = (run, *(str(values.get(name)) for name in ("n", "lam", "width", "seed")))
        try:
            when = float(step)
        except (TypeError, ValueError):
            when = math.inf
        latest[place] = max(latest.get(place, -math.inf), when)
        keyed.append((place, when, number, values))
    kept = [(number, values) for place, when, number, values in keyed if when == latest[place]]
    return kept, len(rows) - len(kept)


def blank(value: Any) -> bool:
    """Whether a cell is empty."""
    return value is None or value == "" or (isinstance(value, float) and math.isnan(value))


def _listed(numbers: list[int]) -> str:
    some = ", ".join(map(str, numbers[:_LISTED]))
    return f"row{'s' if len(numbers) > 1 else ''} {some}" + (" ..." if len(numbers) > _LISTED else "")
