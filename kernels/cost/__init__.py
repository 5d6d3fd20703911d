"""What a layer costs: multiplications, steps that must wait for one another, lengths of paths.

`layers` counts them for the kinds of layer that Vaswani et al. 2017 compare. Counts are exact whole
numbers for the layer as it is written down, not orders of magnitude. NumPy is not even needed.
"""
