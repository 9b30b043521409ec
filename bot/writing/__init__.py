"""Answers written by a chat model: asked for, checked statement by statement."""
