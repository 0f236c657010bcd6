"""From evidence to signals, and from signals to a verdict."""
