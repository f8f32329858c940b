# %% [markdown]
# # 3. The diagonal network's potential
#
# Each coordinate sees $x=a+\tau z$ with $z\sim N(0,1)$, and the network keeps what exceeds $\kappa$ on
# either side: $$ P(\tau,\kappa) = \sum_i \tau^2\big[I_2(c-a_i/\tau) + I_2(c+a_i/\tau)\big],\qquad
#    I_k(x) = \int_x^\infty (z-x)^k\varphi(z)\,dz,\quad c=\kappa/\tau. $$

# %%
import mpmath
import sympy as sp

from asymptotix.asymptotics.expansions import scalar_threshold
from asymptotix.asymptotics.expansions.potential import SIZE, count_of, risk_of
from asymptotix.asymptotics.symbols import KAPPA, SHAPE, TAU
from derivations.render import agree, show

z, x = sp.symbols("z x", real=True)
y = sp.Symbol("y", positive=True)
phi = sp.exp(-(z**2) / 2) / sp.sqrt(2 * sp.pi)


def tail(order: int) -> sp.Expr:
    """I_k(x) in closed form."""
    return sp.simplify(sp.integrate((z - x) ** order * phi, (z, x, sp.oo)))


I0, I1, I2 = (tail(k) for k in range(3))
for k, value in enumerate((I0, I1, I2)):
    show(f"I_{k}(x)", value)
assert sp.simplify(sp.diff(I2, x) + 2 * I1) == 0
assert sp.simplify(sp.diff(I1, x) + I0) == 0

# %% [markdown]
# **One coordinate.** The identities of derivation 2 give its risk. Two forms follow, free of cancellation on
# either side of the threshold ($x = c-y$, $w=c+y$, in units of $\tau^2$):
# $$ r = y^2 + I_2(x)+I_2(w) - 2y\,[I_1(x)-I_1(w)]\quad (x\ge0). $$

# %%
share = TAU**2 * (I2.subs(x, (KAPPA - SIZE) / TAU) + I2.subs(x, (KAPPA + SIZE) / TAU))
units = {SIZE: y * TAU, KAPPA: SHAPE * TAU}
risk = sp.simplify(risk_of(share).subs(units) / TAU**2)
count = sp.simplify(count_of(share).subs(units))
stated = y**2 + I2.subs(x, SHAPE - y) + I2.subs(x, SHAPE + y)
stated -= 2 * y * (I1.subs(x, SHAPE - y) - I1.subs(x, SHAPE + y))
assert sp.simplify(sp.expand(risk - stated)) == 0
assert sp.simplify(count - I0.subs(x, SHAPE - y) - I0.subs(x, SHAPE + y)) == 0

# %% [markdown]
# The other side uses $I_2(-u) = 1+u^2-I_2(u)$ and $I_1(-u) = u + I_1(u)$.

# %%
assert sp.simplify(I2.subs(x, -x) + I2 - 1 - x**2) == 0
assert sp.simplify(I1.subs(x, -x) - x - I1) == 0

# %% [markdown]
# Against the definition, by quadrature at three points (adaptive, 20 digits; tolerance far above its error):

# %%
for size, shape in ((0.3, 1.0), (2.5, 2.0), (6.0, 3.5)):
    with mpmath.workdps(20):
        cut = [-12 - size, -shape - size, shape - size, 12]
        exact = mpmath.quad(
            lambda u, a=size, c=shape: (
                (mpmath.sign(a + u) * max(abs(a + u) - c, 0) - a) ** 2 * mpmath.npdf(u)
            ),
            cut,
        )
    agree(sp.N(risk.subs({y: sp.Float(size, 30), SHAPE: sp.Float(shape, 30)})), exact, 1e-10)

# %% [markdown]
# **The two shares.** Coordinates without a feature give the noise's share $d\tau^2 j(c)$, $j(c)=2I_2(c)$; a
# feature far above the threshold gives $(a-\kappa)^2+\tau^2$. These two are all that the sectors are made of.

# %%
noise = scalar_threshold.noise_share(sides=2)
assert sp.simplify((noise.inside - 2 * I2.subs(x, SHAPE)).rewrite(sp.erf).expand()) == 0
far = sp.Float(12)
agree(sp.N((share / TAU**2).subs(units).subs({y: far + 3, SHAPE: 3})), far**2 + 1, 1e-12)
assert scalar_threshold.feature_share().potential == (SIZE - KAPPA) ** 2 + TAU**2
show("j(c)", sp.expand(noise.inside.rewrite(sp.erfc)))
