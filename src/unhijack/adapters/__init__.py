"""The outside, one file or folder a door."""
