"""What things are: frozen dataclasses and pure functions. No I/O, no clock."""
