"""Reports, cases and the outbox in a database."""
