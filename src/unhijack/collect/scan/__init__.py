"""The instrument that looks inside a server: files, one after the other, and what stands in them."""
