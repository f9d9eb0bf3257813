"""What another system keeps, as YAML on a branch: a change there becomes a commit that anyone can read and revert."""
