"""For operators: health, metrics, and pages that show what was asked and answered."""
