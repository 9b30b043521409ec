"""What a chat model costs: prices, what one question has used, the daily budget."""
