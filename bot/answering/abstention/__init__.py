"""Whether to answer: one probability, and the threshold it is held against."""
