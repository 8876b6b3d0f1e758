"""Keepers: programs that do what the stack needs somebody to do, and what pays.

Each is a `Strategy`: `read` gathers a state of one block, `decide` is pure and says what to do and
why. The same `Runner` carries it out for all: it simulates, checks limits, writes down, signs,
sends, replaces what is stuck, and follows reorganisations. Its journal survives `kill -9`.

A keeper is one file with a strategy here, one line in `catalogue`, and one file in `bots/`.
"""
