# %% [markdown]
# # 17. The best width
#
# How many hidden units are best, and is choosing them better than choosing the weight decay? The phases of width are
# those of derivation 13; here it is tuned.
#
# **Without weight decay.** For noise of order one and $1\ll n_{\rm eff}\ll d^{2\gamma}$ the noise scale is
# $\tau^2=\Delta/(4n_{\rm eff})$ whatever the width, and the width decides which features are kept: those above
# $m\tau$. Without threshold a kept one costs $2\tau^2+3\tau^4/a^2$ (noise, and what its direction misses), a missed
# one $a^2$. Below $a=\tau$ a feature is not seen, and a direction is noise. So the best cut is where both cost the
# same,

# %%
import sympy as sp

import asymptotix as ax
from asymptotix.asymptotics import laws, width_laws
from asymptotix.asymptotics.definition import definition
from asymptotix.asymptotics.expansions.mellin import FEATURE as y
from asymptotix.asymptotics.expansions.mellin import power_law_integral
from asymptotix.asymptotics.expansions.potential import bayes_pieces
from asymptotix.asymptotics.symbols import GAMMA, SHAPE
from asymptotix.risk.width_optimum import WidthOptimum
from derivations.render import agree, show

quadratic = definition("quadratic")
noise, feature = quadratic.shares()
(missed, kept), _ = feature.at_shape(sp.Integer(0), width_laws.ONSET)
assert sp.simplify(kept[0] - (2 + 3 / y**2)) == 0
assert missed[0] == y**2
few = width_laws.best_width(noise, feature, quadratic.scales())
show("m^\\star", few.cut.onset)
assert few.cut.onset == sp.sqrt(3)

# %% [markdown]
# and summed over the features, $R=F\,i^\star\tau^2$ with $i^\star=(N\tau)^{-1/\gamma}$:

# %%
factor = 8 * GAMMA * (GAMMA + 1) / (4 * GAMMA**2 - 1) * 3 ** (-1 / (2 * GAMMA))
assert sp.simplify(few.cut.factor / factor) == 1
show("F", few.cut.factor)
show("p^\\star", few.width.expression)
show("R^\\star_p", few.risk.expression)

# %% [markdown]
# This is *below* the best weight decay with any number of units, whose threshold shrinks every feature by the edge of
# the noise, for every $\gamma>\tfrac{1}{2}$: and never more than 16 % above Bayes.

# %%
show("R^\\star_p/R^\\star_\\lambda", few.over_decay)
show("R^\\star_p/R_B", few.over_bayes)
assert sp.simplify(few.over_decay - (GAMMA + 1) ** 2 / (GAMMA**2 * 3 ** (1 + 1 / (2 * GAMMA)))) == 0
assert few.over_decay.subs(GAMMA, sp.Rational(1, 2)) == 1
slope = sp.diff(sp.log(few.over_decay), GAMMA)
(turn,) = sp.solve(sp.numer(sp.together(slope)), GAMMA)
assert turn < sp.Rational(1, 2)  # no turn beyond: it falls from 1 ...
assert sp.limit(few.over_decay, GAMMA, sp.oo) == sp.Rational(1, 3)  # ... to a third
(worst,) = sp.solve(sp.numer(sp.together(sp.diff(sp.log(few.over_bayes), GAMMA))), GAMMA)
show("\\gamma_{\\rm worst}", worst)
show("\\max R^\\star_p/R_B", float(few.over_bayes.subs(GAMMA, worst)))
assert few.over_bayes.subs(GAMMA, worst) < sp.Rational(1161, 1000)

# %% [markdown]
# **Both.** With a threshold $c\tau$ besides, a kept feature costs $2+3/y^2+c^2-4c/y$: a parabola in $c$, whose
# minimum is twice the mean of $1/y$ over the kept ones. It is worth less than another 9 %.

# %%
both = width_laws.best_width(noise, feature, quadratic.scales(), with_decay=True)
decayed = feature.at_shape(SHAPE, width_laws.ONSET)[0][1]
assert sp.simplify(decayed[0] - (2 + 3 / y**2 + SHAPE**2 - 4 * SHAPE / y)) == 0
show("m^\\star", both.cut.onset)
show("c^\\star", both.cut.shape)
show("\\lambda^\\star", both.penalty.expression)
show("R^\\star_{p,\\lambda}/R_B", both.over_bayes)
assert sp.simplify(both.cut.onset**2 - (3 * GAMMA + 1) / (GAMMA + 1)) == 0
gain = few.over_bayes / both.over_bayes
assert all(1 < sp.N(gain.subs(GAMMA, sp.Rational(k, 20))) < sp.Rational(109, 100) for k in range(11, 200))
bayes = power_law_integral(bayes_pieces(feature))
assert sp.simplify(both.cut.factor / bayes / both.over_bayes) == 1

# %% [markdown]
# **Without noise**, $\Delta=0$ and $1\ll n_{\rm eff}\ll d$, all error is the features' own: $2n_{\rm eff}=F\,i^\star$,
# and the best width is a fixed share of the samples, below the $\tfrac{1}{2}$ of the peak.

# %%
clean_width, clean_risk = width_laws.noiseless_width(feature, quadratic.scales())
show("p^\\star(\\Delta=0)", clean_width.expression)
assert sp.simplify(clean_width.expression / laws.N_EFF - (4 * GAMMA**2 - 1) / (4 * GAMMA * (GAMMA + 1))) == 0

# %% [markdown]
# All of it against the numbers' own search over widths, at $d=10^{60}$ (`asymptotix verify` goes to $10^{120}$).

# %%
sizes = {"gamma": 1.25, "n_eff": 1e40, "d": 1e60, "noise": 0.1}
problem = ax.Problem("quadratic", gamma=1.25, d=10**60, n=1e100, lam=0, noise=0.1)
for over, law in (("width", few), ("both", both)):
    found = ax.optimum(problem, over=over)
    assert isinstance(found, WidthOptimum)
    agree(found.error_star, law.risk.corrected(**sizes), 1e-8)
    agree(found.width_star, law.width.corrected(**sizes), 1e-3)
    agree(found.over_decay, law.over_decay.subs(GAMMA, 1.25), 1e-5)
    agree(found.over_bayes, law.over_bayes.subs(GAMMA, 1.25), 1e-4)
problem = ax.Problem("quadratic", gamma=1.25, d=10**60, n=10.0**80, lam=0, noise=0)
found = ax.optimum(problem, over="width")
agree(found.error_star, clean_risk.corrected(gamma=1.25, n_eff=1e20, d=1e60), 1e-8)
agree(found.width_star, clean_width.value(gamma=1.25, n_eff=1e20), 1e-3)
