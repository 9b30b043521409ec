"""How questions come in and answers go out: read, laid out, streamed, posted."""
