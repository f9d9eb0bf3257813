"""Customer transactions and their fraud labels, a batch every half hour."""
