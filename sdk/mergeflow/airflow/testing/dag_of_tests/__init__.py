"""A test suite as a DAG: each test is a task, which runs it by its node id in a pytest session of its own."""
