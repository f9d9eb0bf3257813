"""What people see, as text: each renderer takes a value and returns a string, and none prints."""
