"""asymptotix: the asymptotics of learning, derived, solved to high precision, and simulated."""

__version__ = "0.1.0"
