"""What the page of experiments says between its tables and figures."""

from __future__ import annotations

INTRODUCTION = """# Experiments

Networks trained on real data against the state evolution of the very same problem (same d, n, lam, noise): no
fitted number anywhere. Every point has {seeds} independent teachers and data sets of its own, unless its command says
otherwise; error bars are one standard error. `asymptotix experiments --out reports` makes this page; what was measured
is kept in `data/experiments.jsonl`, and points found there are not measured again. Each point is repeated by the
command printed with it.

The convex formulation is solved to a certified relative duality gap of {gap:g} (method `erm`); whether training the
factors themselves with weight decay ends there is shown under "Training in time".

The quadratic network appears twice. Its state evolution is the one of Gaussian features, and with Gaussian
features (`--inputs goe`, d = {goe}: they need d^2 numbers a sample) every comparison is of equals. The network's own
features `(x x' - I)/sqrt(d)` are not Gaussian; how much that matters is measured under "Other inputs", and on lines up
to d = {largest}.
"""

#: Names of the groups of `asymptotix.checks.crossovers.groups`.
GROUPS = {
    "diagonal": "diagonal, Gaussian inputs",
    "quadratic": "quadratic, Gaussian features",
    "quadratic/own-features": "quadratic, its own features",
}

LINES = """
## Lines through the phase diagram

{pictures}

At these sizes one law bends gradually into the next, so each crossover is defined by a reading that can be applied
to any curve: where the straight continuations of two branches meet in logarithms (for a plateau in lam: the
horizontal line and the rising branch), or the vertex of a parabola through a valley or a peak; its width is the ratio
of the two positions a factor of two from the vertex. "Measured" and "predicted" are the same reading of measured
errors and of the state evolution's at the same points; the bracket is the standard error propagated from the points.
"Laws, or exact" is the same reading of the derived laws of the two phases (how far it is from the prediction says how
asymptotic these sizes are, not how good the theory is); for an optimum it is the exact minimum over lam
(`asymptotix optimum`), so that its distance from "predicted" is that of a parabola through five points. A plateau of
height 1 (nothing is learned) has no scatter at all. The width of a valley is read from more distant points than its
place. "At this d" is the reading of what is computed for Gaussian features at this very d ("Finite size, computed").

Quadratic lines whose names end in a size (`/d=200`) or in n_eff have the network's own features, unless they say
`goe`; what these features change, a fraction of order 1/n_eff, is measured under "Other inputs" and moves readings at
small n_eff (valleys, optima).

"""

SHIFTS = """

### The quadratic network's peak at finite size

Where n data stop determining a positive matrix is a random place: for Gaussian features its mean is d(d+1)/4, not
d^2/4, and its standard deviation (4/pi^2 - 1/4)^(1/2) d (the intrinsic volumes of the positive cone). "At this d" is
the state evolution averaged over that place; nothing is fitted. Where the network's own features have their peak is a
fraction of order 1/d away if the last column is one number for all d.

"""

PEAKS = """

## The peak's exponent

At interpolation (n = d, or d^2/4) the derived law is lam^(-2/3). Measured is the least-squares slope of log error in
log lam, every point on data sets of its own, beside the state evolution's slope at the same points and the one
computed for that very d as above. For the diagonal network there is no finite-size effect to compute, and
the distance from -2/3 is the next order, which the state evolution knows. The noise ({noise}) is large, so that
the next order is small.

![peaks](figures/peaks.svg)

"""

SCATTER = """
## The distribution of z

Each point's deviation from theory in standard errors follows Student's t with (seeds - 1) degrees of freedom if
theory, standard errors and independence are all right; the score is the normal variable of the same tail
probability. Points at which every seed learns nothing have no standard error and are left out. A finite-size
deviation of order 1/d shows in the mean, overestimated errors in a root mean square below 1.

* The diagonal network is measured at d = {diagonal}, where neither should show.
* The quadratic network with Gaussian features is measured at d = {goe}. What that adds is computed, with nothing
  fitted (below): then the scores should be normal, without allowance.
* With its own features (d = {own}) it is not a theory of these features that is tested but how far Gaussian ones
  stand for them: the mean is an excess of order 1/n_eff. To first order that is computed, too, except about the peak;
  what is left is of the next order.

**Finite size, computed.** Gordon's auxiliary problem has the state evolution's two equations with a random matrix of
this very size in place of its limit; averaged over matrices (whose number adds to the standard error of a score), and
freed of the one normal variable that it has too many, it knows the order 1/d. For the network's own features the noise
in row i gets the variance that `E (Tr D(xx' - I))^2 x_i^2 x_j^2` has (`asymptotix/finite_size/auxiliary.py`).

![scores](figures/scores.svg)

"""

SCATTER_LINES = """

Line by line, with the weighted mean of error/theory - 1 in units of 1/d and, for the network's own features, of
1/n_eff (points with n_eff above 3):

"""

EXCESS = """
### How the network's own features raise the error

Measured, rather than computed: error/theory - 1 = c/n_eff^p at the anchors of valleys (n_eff from {least:g}), optima
and of the crossover to II where something is learned. p is fitted to all points; c, with p = 1, to the points of the
smaller sizes only, and tested at the larger ones. "Before" are the scores of these other points against the state
evolution, "after" against theory (1 + c/n_eff), with the error that c has. Where p is below 1, 1/n_eff is not yet the
whole of it. The cut at n_eff = {least:g} was made after seeing the valleys' points below it, where the excess
saturates: with them p is {power:.2f} ± {power_error:.2f}, and the scores at the larger sizes have mean {mean:+.2f}.

"""

PASSING = """
## Message passing, iteration by iteration

The error after every iteration of AMP at fixed lam, beside the recursion that predicts it ({seeds} seeds), for Gaussian
inputs (diagonal), Gaussian features (quadratic/goe) and the quadratic network's own: with these the labels are far from
Gaussian while one feature dominates them, and X' diag(y) X is skewed. A duality gap (last column: median) of order one
says that AMP did not converge, whatever its errors: its iterates wander among weights of the same error, and the convex
solvers are needed.

![message passing](figures/message_passing.svg)

Table: measured error over predicted error of that iteration; "farthest" is over all iterations.

"""

TRAINING = """
## Training in time

The quadratic network itself, `W'W / sqrt(p d)` of width p = d = {d}, n = {n}, lam = {lam:g}, noise = {noise:g}, trained
from small random weights: after the plateau of the small start the teacher's directions are learned one after another.
A dual certificate bounds the distance from the convex optimum: at the end it is at most {gap:.0e} of it for all
optimisers, their errors lie between {least:.5f} and {most:.5f}, and the state evolution predicts {theory:.5f} for
Gaussian features.

![training](figures/training.svg)

"""

INPUTS = """
## Other inputs

Product laws with unit variance, and Gaussian inputs with correlations 0.5^|i-j| (ar1), against the theory for
Gaussian inputs.

![inputs](figures/inputs.svg)

The diagonal network should not see the law of its coordinates, but correlations between them. The quadratic network
sees the fourth moment: the diagonal entries of its features are x_i^2 - 1, of variance E x^4 - 1 (0 for +-1, 0.8 for
uniform, 2 for Gaussian, 8 for Student inputs). With +-1 the teacher's diagonal is invisible.

"""

FEATURES = """

### The quadratic network's own features

Even Gaussian inputs make features that are not Gaussian: `Tr S (x x' - I)` is skewed when few directions of S matter.
If the excess is a fraction of order 1/n_eff, whatever d, the last column is one number (lam = {lam:g},
noise = {noise:g}):

"""

SIGNS = """

### Inputs +-1 in the quadratic network

If the excess vanishes like 1/d at fixed n_eff = {n_eff:g}, the last column is one number (lam = {lam:g},
noise = {noise:g}):

"""

SIZES = """

### Finite size

Gaussian features, n_eff = {n_eff:g}, noise = {noise:g}: the same of what is left there, one number for each lam.

"""

TIME = """
## Time

The {points} points on lines took {hours:.1f} hours of one core when they were trained, half of it for the longest
{half}. The longest is a {longest}, {seconds:.0f} seconds a data set. The largest data set has n = {n}
inputs of dimension {d}.
"""
