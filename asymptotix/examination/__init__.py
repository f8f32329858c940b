"""The examination of `asymptotix.spectrum.diagnose`: questions, answers, and the record of an exam."""
