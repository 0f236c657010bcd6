"""What leaves the house, as documents."""
