"""Reports of strangers, in the forms in which they send them: bytes in, claims out."""
