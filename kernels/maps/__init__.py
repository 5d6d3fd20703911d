"""Attention maps: their pictures, and what can be said of each head in a number.

`tiles` makes a pyramid of grey pictures out of every head's weights, and reads them back; `png` is
the file format; `statistics` are entropy, distance, and the mass on certain keys. NumPy and zlib.
"""
