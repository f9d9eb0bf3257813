"""Expectation suites, held against real data by Great Expectations.

Only what runs a suite imports Great Expectations, and only inside functions: that takes seconds. A suite's mistakes are
found without it, by the rules.
"""
