r"""What is known of a training run besides its weights, as equations between the fit's parameters.

The two equations of every network (`asymptotix.equations`), and the training loss of the state evolution, in terms of
effective noise ``delta = sqrt(d) tau``, threshold ``eps``, risk ``rho = R/tau^2`` and degrees of freedom ``s``:

    samples     nu >= rho and nu >= s
    lam         nu = s + penalty/eps,                      penalty = d L / sqrt(d) of `asymptotix.networks.base.Units`
    loss        loss = nu tau^2 (1 - s/nu)^2,              with 1 - s/nu = penalty/(nu eps) where lam is known
    norm        nu tau^2 = noise' + R for a teacher of that norm;  gamma: its decay

Each comes with the width that samples and size leave: ``s`` of a diagonal network is a count, and a spectral network's
own features are Gaussian only up to an error of relative order ``1/n_eff`` (`asymptotix.simulate`).
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from scipy.stats import norm as gaussian

from asymptotix.arrays import Array
from asymptotix.errors import InvalidInput
from asymptotix.networks import get as network_of
from asymptotix.networks.base import Network, Response
from asymptotix.teacher import PowerLaw

#: Centre and width of the weak prior on gamma.
GAMMA, GAMMA_WIDTH = 1.2, 0.5
# Noise variance over the teacher's squared norm: likely up to here, unlikely beyond by this factor of e.
_NOISIEST, _NOISE_WIDTH = 1000.0, 1.0
# What is known is met up to this, as a logarithm, at best; a teacher's norm and decay more closely.
_SHARP, _EXACT = 0.05, 0.02
# Own features: relative deviations of about this over n_eff.
_FEATURES = 1.0
# The training loss of a network that stopped early by this fraction of its objective.
_STOPPED = 1e-5
# In so few dimensions whether noise hides a feature is no sharp question: a fifth of its size either way.
_LOUD_WIDTH = 0.2


@dataclass(frozen=True)
class Known:
    """Facts about a training run in the units of the two equations; None where unknown."""

    network: str
    d: int
    nu: float | None = None
    penalty: float | None = None
    loss: float | None = None
    gamma: float | None = None
    norm: float | None = None
    width: float = 0.0
    loss_width: float = 0.0

    @classmethod
    def of(
        cls,
        network: str,
        sizes: Array,
        samples: float | None,
        lam: float | None,
        train_loss: float | None,
        gamma: float | None,
        norm: float | None,
    ) -> Known:
        """From the user's units, checked.

        Raises:
            InvalidInput: a number is not positive (``train_loss``: negative), ``gamma`` not above 1/2, or ``lam`` or
                ``train_loss`` are given without ``samples``.
        """
        for name, value in (("samples", samples), ("lam", lam), ("norm", norm)):
            if value is not None and not 0 < value < math.inf:
                raise InvalidInput(name, value, "a positive number")
        if train_loss is not None and not 0 <= train_loss < math.inf:
            raise InvalidInput("train_loss", train_loss, "a mean squared residual >= 0")
        if gamma is not None and not 0.5 < gamma < math.inf:
            raise InvalidInput("gamma", gamma, "a number > 1/2")
        if samples is None:
            for name, value in (("lam", lam), ("train_loss", train_loss)):
                if value is not None:
                    raise InvalidInput(name, value, "the number of samples beside it")
            return cls(network, network_of(network).columns(sizes.size), gamma=gamma, norm=norm)
        net = network_of(network)
        d = net.columns(sizes.size)
        units, n_eff = net.units, net.n_eff(samples, d)
        width = math.hypot(_SHARP, math.sqrt(1.0 / samples))
        if not net.is_sequence:
            width = math.hypot(width, min(_FEATURES / n_eff, 1.0))
        return cls(
            network,
            d,
            float(units.samples) * n_eff,
            None if lam is None else float(units.penalty) * lam * d,
            float(units.noise) * train_loss if train_loss else None,
            gamma,
            norm,
            width,
            0.0 if not train_loss else math.hypot(width, _stopped(net, d, sizes, samples, lam, train_loss)),
        )

    def deviations(
        self, p_gamma: float, largest: float, delta: float, eps: float, there: Response | None
    ) -> list[float]:
        """How far parameters are from what is known, in standard deviations.

        ``there`` is their response, which only a known number of samples is compared with.
        """
        rows = []
        if self.gamma is not None:
            rows.append((p_gamma - self.gamma) / _EXACT)
        else:
            rows.append((p_gamma - GAMMA) / GAMMA_WIDTH)
        if self.norm is not None:
            rows.append((math.log(largest / self.norm) - self._first(p_gamma)) / _EXACT)
        if self.nu is None or there is None:
            return rows
        nu = self.nu
        rows.append(max(math.log(there.rho / nu), 0.0) / self.width if there.rho > 0 else 0.0)
        if self.penalty is None:
            rows.append(max(math.log(there.dof / nu), 0.0) / self.width if there.dof > 0 else 0.0)
            spare = max(there.spare_dof(nu), 1e-6 * nu) / nu
        else:
            # a count fluctuates where a law has its mean
            count = math.sqrt(min(there.dof, nu)) / nu if network_of(self.network).is_sequence else 0.0
            unused = self.penalty / eps
            rows.append(math.log((there.dof + unused) / nu) / math.hypot(self.width, count))
            spare = unused / nu
        if self.loss is not None:
            predicted = math.log(nu / self.d) + 2.0 * math.log(delta * spare)
            rows.append((predicted - math.log(self.loss)) / self.loss_width)
        first = self._first(p_gamma)
        noise = max(nu - there.rho, 1e-9 * nu) / float(network_of(self.network).units.noise)
        excess = math.log(noise) + 2.0 * (math.log(delta / largest) + first - 0.5 * math.log(self.d))
        rows.append(max(excess - math.log(_NOISIEST), 0.0) / _NOISE_WIDTH)
        return rows

    @property
    def features(self) -> int:
        """How many the teacher has."""
        return network_of(self.network).rows(self.d)

    def _first(self, gamma: float) -> float:
        """Logarithm of the largest feature of a teacher of norm one, in units of the weights."""
        return _log_first(gamma, self.features) + 0.5 * math.log(self.d)

    @property
    def scale(self) -> float:
        """What weights are compared with: the teacher's norm, or the noise that the training loss shows if larger."""
        noise = (
            math.sqrt(self.d * self.loss / self.nu) if self.loss is not None and self.nu is not None else 0.0
        )
        return max(self.norm or 1.0, noise)

    @property
    def shape(self) -> float | None:
        """``eps/delta = penalty/sqrt(nu d loss)``, if that much is known."""
        if self.nu is None or self.penalty is None or self.loss is None:
            return None
        return self.penalty / math.sqrt(self.nu * self.d * self.loss)

    def largest(self, gamma: float) -> float:
        """The largest feature of a teacher of the known norm (or one), in units of the weights."""
        return (self.norm or 1.0) * math.exp(self._first(gamma))

    def spare(self, eps: float, dof: float) -> float | None:
        """``(nu - s)/s`` as the weight decay tells it; None where that is unknown."""
        return None if self.penalty is None or dof <= 0 else self.penalty / eps / dof

    def loud_chance(self) -> float:
        """Where nothing is learned: the chance that the noise hides the largest feature, ``tau > a_1``.

        ``nu tau^2 = noise' + norm^2`` there, and that is the training loss. A priori the noise is log-uniform up to
        `_NOISIEST` and the decay as in the fit's prior; a known weight decay excludes noise that would be learned.
        """
        if self.nu is None:
            return 0.5
        gammas = np.array([self.gamma]) if self.gamma is not None else GAMMA + GAMMA_WIDTH * _NORMAL
        first = np.array([_log_first(float(g), self.features) for g in np.maximum(gammas, 0.55)])
        noise = float(network_of(self.network).units.noise) * _NOISIEST * np.exp(-14.0 * _UNIFORM)
        log_tau = 0.5 * np.log((1.0 + noise) / self.nu)[:, None]
        weight = np.ones((noise.size, first.size))
        scale = self.norm
        if self.loss is not None and self.norm is not None:
            off = np.log((1.0 + noise) * self.norm**2 / self.loss) / math.hypot(2.0 * self.width, 0.1)
            weight = weight * np.exp(-0.5 * np.minimum(off**2, 600.0))[:, None]
        if self.penalty is not None and (scale is not None or self.loss is not None):
            # in units of the norm, which the loss tells where it is not known
            norms = np.full(noise.size, scale) if scale is not None else np.sqrt(self.loss / (1.0 + noise))
            log_kappa = np.log(self.penalty / self.nu / math.sqrt(self.d) / norms)[:, None]
            edge = network_of(self.network).noise_edge(self.d)
            shown = np.maximum(log_tau + math.log(edge), first)
            weight = weight * np.maximum(gaussian.cdf((log_kappa - shown) / _LOUD_WIDTH), 1e-9)
        loud = gaussian.cdf((log_tau - first) / _LOUD_WIDTH)
        return float((weight * loud).sum() / weight.sum()) if weight.sum() > 0 else 0.5


# The middles of equally likely parts of a standard normal variable, and of a uniform one.
_NORMAL = gaussian.ppf((np.arange(12) + 0.5) / 12.0)
_UNIFORM = (np.arange(60) + 0.5) / 60.0


def _log_first(gamma: float, d: int) -> float:
    return float(PowerLaw(gamma).spectrum(d).log_value(np.ones(1))[0])


def _stopped(
    net: Network, d: int, sizes: Array, samples: float, lam: float | None, train_loss: float
) -> float:
    """Relative error of a small loss beside a large penalty, ``lam d ||S||`` of a matrix, when training stops."""
    if lam is None:
        return 0.0
    penalty = 2.0 * float(net.units.penalty) * lam * float(sizes.sum()) * float(d) ** net.geometry.value
    return min(math.sqrt(_STOPPED * penalty / (samples * train_loss)), 3.0)
