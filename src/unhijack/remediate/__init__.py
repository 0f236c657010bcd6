"""What is done about planted code: a plan, the repair, and its undoing."""
