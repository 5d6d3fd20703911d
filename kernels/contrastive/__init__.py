"""Pictures and captions in one space: the loss that pairs them, two encoders, and their training.

`loss` holds the symmetric contrastive loss of CLIP, its gradient and its floor (Radford et al.
2021), `captions` makes pairs of real digits and sentences, `encoders` turns both into vectors, and
`jobs_digits` trained the pair of encoders that is shipped. NumPy only.
"""
