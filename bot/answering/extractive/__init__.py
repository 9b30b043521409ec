"""Answers in the documents' own sentences: scored, chosen, claimed."""
