"""Power across a gap: what two coils have of each other, and what two tuned circuits make of it.

`rings` gives the mutual inductance of two circles of wire on one axis, by the arithmetic-geometric
mean; `coils` builds flat spirals of such circles, on one axis or shifted and tilted; `circuit`
solves the two coupled circuits for currents and powers at any frequency, and knows what the best
load, the best efficiency and the critical coupling are in closed form.

Lengths are in metres, inductances in henries, frequencies in hertz, powers in watts for voltages
and currents by their root mean square. NumPy only.
"""
