"""Everything that honest sites do, each by a small function: what must not be called hijacked."""
