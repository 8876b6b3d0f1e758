"""Covered calls through a user's own prices: on models first, then on the contracts, to the wei."""
