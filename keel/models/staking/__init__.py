"""Integer-exact twin of the staking contracts: pool, wrapper, withdrawal queue."""
