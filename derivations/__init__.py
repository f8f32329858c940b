"""Numbered derivations, each of which can be read, run and rendered; see :mod:`derivations.render`."""
