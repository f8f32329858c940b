"""The law of the learned weights: zero mass, bulk, outliers, tail; and the way back from measured weights."""

from asymptotix.callable_room import callable_as
from asymptotix.spectrum.answer import Diagnosis
from asymptotix.spectrum.diagnosis import diagnose
from asymptotix.spectrum.law import SpectrumLaw, Spike, spectrum
from asymptotix.spectrum.tail import TailFit, fit_tail

__all__ = ["Diagnosis", "SpectrumLaw", "Spike", "TailFit", "diagnose", "fit_tail", "spectrum"]

callable_as(spectrum)
