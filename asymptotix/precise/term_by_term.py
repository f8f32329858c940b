"""Many digits for relatives of the diagonal network: one side, a ridge beside the penalty, inputs of unequal variance.

Their terms are summed one by one, each enclosed, with the same unknowns ``log tau`` and ``log c``. In units of the
noise, a coefficient ``a`` on an input of variance ``v`` has the threshold ``c v^(-1/2)``; with a ridge the soft
threshold's answer is shrunk by ``k = 1 / (1 + ridge c tau sqrt(d))``:

    rho = k^2 sum r + 2 k (1-k) sum a b + (1-k)^2 sum a^2        s = k sum s,        b = a - E soft(a + z)

What doubles make of the same equations (`asymptotix.networks`) is used for nothing but a first guess.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from asymptotix.errors import InvalidInput
from asymptotix.inputs import PowerVariances
from asymptotix.precise.backend import Number
from asymptotix.precise.closed_forms import ClosedForm
from asymptotix.precise.equation_pair import Method, Start, exact_samples
from asymptotix.precise.scalar_equations import ScalarEquations, first_solution
from asymptotix.precise.soft_threshold import Six, bias, six
from asymptotix.problem import Problem
from asymptotix.validate import exact

# Of fifty digits from nothing, a thousand coefficients.
_SECONDS = 3.0


class TermByTerm(ScalarEquations):
    """One problem in one arithmetic: every sum is finite, and every term enclosed."""

    def terms(self, tau: Number, c: Number) -> Iterator[tuple[int, Number, Number, Number]]:
        """How many coefficients, their size, their threshold, and its ratio to ``c``."""
        b, known, inputs = self.b, self.spectrum, self.problem.net.inputs
        zero, one, end = 0 * c, c / c, known.rank if inputs is None else self.problem.d
        listed = None if inputs is None or isinstance(inputs, PowerVariances) else inputs.variances(end)
        for i in range(1, end + 1):
            a = known.value(b.number(i)) / tau if i <= known.rank else zero
            g = one
            if isinstance(inputs, PowerVariances):
                g = b.exp(b.number(inputs.beta / 2) * b.log(b.number(i)))
            elif listed is not None:
                g = 1 / b.sqrt(b.number(exact("variances", float(listed[i - 1]), "numbers > 0")))
            yield 1, a, c * g, g
        if end < self.problem.d:
            yield self.problem.d - end, zero, c, one

    def sums(self, tau: Number, c: Number) -> Six:
        b, net = self.b, self.problem.net
        energy, total = 0 * c, [0 * c] * 9
        for count, a, threshold, g in self.terms(tau, c):
            square, (r, s, r_c, s_c, r_a, s_a) = a * a, six(b, a, threshold, net.sides)
            shrunk = bias(b, a, threshold) if net.ridge_share else [0, 0, 0]
            found = [r + square, s, g * r_c, g * s_c, r_a + 2 * square, s_a, *shrunk]
            total = [x + count * y for x, y in zip(total, found, strict=True)]
            energy += count * square
        if not net.ridge_share:
            return total[:6]
        rho, dof, rho_c, dof_c, rho_a, dof_a, ab, ab_c, ab_a = total
        e = b.number(exact("ridge", net.ridge_share, "")) * c * tau * b.sqrt(b.number(self.problem.d))
        # the one falls and the other rises by k (1 - k) with the logarithm of either unknown
        k, left = 1 / (1 + e), e / (1 + e)
        falls = 2 * k * left * (left * energy + (k - left) * ab - k * rho)
        return [
            k * k * rho + 2 * k * left * ab + left * left * energy,
            k * dof,
            k * k * rho_c + 2 * k * left * ab_c + falls / c,
            k * (dof_c - left * dof / c),
            k * k * rho_a + 2 * k * left * ab_a + 2 * left * left * energy - falls,
            k * (dof_a + left * dof),
        ]


def start(problem: Problem, near: Any) -> Start | ClosedForm:
    """Least squares, or a first solution, from doubles or from nothing.

    Raises:
        InvalidInput: nonnegative weights without penalty and perhaps without threshold.
    """
    net = problem.net
    if net.sides == 1 and problem.lam == 0 and 2 * exact_samples(problem) >= problem.d:
        raise InvalidInput(
            "lam", 0, "a weight decay > 0, or n < d/2: else there may be no threshold to solve for"
        )
    return first_solution(problem, near, TermByTerm.of, closed=net.sides == 2)


#: Relatives of the diagonal network.
TERM_BY_TERM = Method(
    start,
    TermByTerm.of,
    lambda problem, digits: _SECONDS * problem.d / 1000.0 * (digits / 62.0) ** 1.5,
    largest=3000,  # some ten seconds for 50 digits
)
