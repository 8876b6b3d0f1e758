"""The stableswap pool's twin: Curve's StableSwap-NG for two coins, and the house's additions."""
