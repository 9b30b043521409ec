"""The threads that work: pools, and how they wait."""
