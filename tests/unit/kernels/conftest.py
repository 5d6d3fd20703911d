"""Have Triton interpret kernels where there is no GPU, before any test imports it."""

from kernels.gpu.launch import choose_interpreter

choose_interpreter()
