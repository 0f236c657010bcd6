"""What an operator decides, and where things are kept."""
