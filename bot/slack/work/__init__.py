"""From a question taken to its answer delivered: queue, workers, takeover, index jobs."""
