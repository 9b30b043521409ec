"""Documents into passages of whole sentences."""
