"""The KnownGood port: a store of upstream releases, and what it is filled from."""
