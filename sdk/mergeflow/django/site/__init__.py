"""A Django site that has only the simulators: ready to run, and set through environment variables."""
