"""Mailboxes: how answers come in."""
