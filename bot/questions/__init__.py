"""What a question asks for: read, made to stand alone, taken apart."""
