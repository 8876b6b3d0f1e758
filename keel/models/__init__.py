"""Integer-exact twins of the contracts: no I/O, no clock, no float."""
