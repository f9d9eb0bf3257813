"""What the corpus's tasks call."""
