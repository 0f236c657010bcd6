"""Bytes in, meaning out: sans-IO parsers."""
