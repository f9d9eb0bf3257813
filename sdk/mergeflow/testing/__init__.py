"""Choosing tests and running them: what `mergeflow test` does, and what pytest collects."""
