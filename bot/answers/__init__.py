"""What an answer is: its parts, its verified citations, its words."""
