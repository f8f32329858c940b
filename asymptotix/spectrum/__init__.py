"""The law of the learned weights: zero mass, bulk, outliers, tail; and the way back from measured weights."""

import sys
from types import ModuleType
from typing import Any

from asymptotix.spectrum.diagnosis import Diagnosis, diagnose
from asymptotix.spectrum.law import SpectrumLaw, Spike, spectrum
from asymptotix.spectrum.tail import TailFit, fit_tail

__all__ = ["Diagnosis", "SpectrumLaw", "Spike", "TailFit", "diagnose", "fit_tail", "spectrum"]


class _Room(ModuleType):
    """``asymptotix.spectrum`` is this room and, for users, the function of that name in it."""

    def __call__(self, *args: Any, **options: Any) -> SpectrumLaw:
        return spectrum(*args, **options)


sys.modules[__name__].__class__ = _Room
