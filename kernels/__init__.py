"""The numerical core: one package a building block, in NumPy, written to be read.

Pages show these very functions and run them in the reader's browser. A module stays under 150
lines, names the paper and the equation it follows, and says the shapes of its arrays. `attention`
compares queries with keys, `autodiff` differentiates and trains, `cost` counts what models and
machines do, `diffusion` draws digits out of noise, `matmul` multiplies in tiles, `norms`
normalises, `numerics` rounds, `photovoltaics` turns light into current, `routing` shares tokens out
among experts, `scan` runs states along a sequence, `tinylm` reads and writes text.

Nothing here imports anything of ours from outside `kernels`.
"""
