"""Option prices in floating point, a whole array at once.

Arguments broadcast against each other as numpy arrays do. Times are years of 365 days, rates,
carries and volatilities a year's fractions; everything compounds continuously. Prices come in the
currency of spot and strike. `keel.models.options` has the integers of the contracts instead.
"""

YEAR_SECONDS = 365 * 86_400
