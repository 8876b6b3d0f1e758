"""Keepers: what calls that anybody may make are worth making; each decides from a state alone."""
