"""Studies of the liquidity side, on the integer models that the contracts equal to the wei.

They need no chain and take seconds. Floats only choose sizes and show results.
"""
