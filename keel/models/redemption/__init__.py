"""Integer-exact twin of `RedemptionVault`."""
