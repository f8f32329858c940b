"""A teacher's spectrum plus a semicircle of noise, at any dimension: what the spectral networks stand on.

`atoms` sums over the teacher's spectrum, `subordination` finds the point that a threshold comes from, `arc`
integrates along the curve that leads there, and `support_curve` follows the whole curve for densities and risks.
"""
