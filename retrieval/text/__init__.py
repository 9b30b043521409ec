"""Reading text: words, sentences, dates, names for one thing, spelling, orders to machines."""
