"""Thin Silverback entry points over `keel.keepers`."""
