"""How a solar cell turns photons into current: the spectrum, the junction and the detailed balance.

`spectrum` counts the photons of a black body, `junction` is the diode with light on it, and
`detailed_balance` puts the two together into the limit of Shockley and Queisser. NumPy only.
"""
