"""What runs over many sites at once."""
