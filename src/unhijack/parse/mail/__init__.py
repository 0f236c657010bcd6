"""Mail that comes in: one message, as bytes, to what it says. Every message is hostile."""
