"""The record of every answer given: kept, searched, counted."""
