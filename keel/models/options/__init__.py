"""Option prices in the integers of the pricing libraries, bit for bit.

One module for each library of ``contracts/libraries`` with the same functions. Three scales meet:

- **WAD** (1e18): what callers give and get. Rates, volatilities and probabilities are fractions.
- **Q96**: logarithms, standard deviations, roots of time.
- **Q112, Q128**: discount factors and probabilities before they meet an amount.
"""
