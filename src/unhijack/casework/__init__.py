"""What moves a case: plain functions that take Doors."""
