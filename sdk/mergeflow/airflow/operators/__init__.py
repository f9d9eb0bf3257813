"""Operators of Mergeflow's own, where no provider has one that serves."""
