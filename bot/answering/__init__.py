"""From a question to a verified answer: find, write or choose, or abstain."""
