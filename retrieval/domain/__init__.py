"""What every room speaks of: documents, passages, who may see them, errors."""
