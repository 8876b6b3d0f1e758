"""Simulation: the consensus layer, market participants, and scenarios on a real chain."""
