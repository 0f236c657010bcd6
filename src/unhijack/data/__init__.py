"""Files that wiring loads and passes in."""
