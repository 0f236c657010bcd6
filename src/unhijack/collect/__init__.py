"""The instruments that make evidence."""
