"""From what was found to how it got in, and how it is taken out and kept out."""
