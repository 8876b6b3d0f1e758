"""Keel: deploy, test, simulate and operate an open liquid-staking-derivatives stack."""
