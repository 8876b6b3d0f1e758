"""Integer-exact twin of `LiquidityGauge`."""
