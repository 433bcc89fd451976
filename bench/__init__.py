"""Measuring the portal against a floor in the same run. The product needs nothing of this."""
