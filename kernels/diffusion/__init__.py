"""Noise to data: diffusion and flows, exact on Gaussian mixtures and learned on 8 by 8 digits.

`schedules` says how fast noise comes, `forward` adds it and undoes it on paper, `samplers` walks
back; `flow` has straight paths; `guidance` pulls towards a class; `mixtures` knows the exact score
and velocity, so that what is learned can be compared; `distances` compares samples. `digits` are
the shipped networks, `digits_losses` what they minimised, `weights` their files, `quality` a judge.

Here `alpha_bar` is the share of the signal in the variance: `x_t = sqrt(alpha_bar) x_0 +
sqrt(1 - alpha_bar) noise`. A schedule is the array of these, `(T + 1,)`, from 1 (an image) down.
A noise model is a function of points `(n, d)` and an `alpha_bar`, a velocity one of points and a
time from 0 (noise) to 1 (data). NumPy and `kernels.autodiff` only.
"""
