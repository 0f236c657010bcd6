"""A folder that is scanned and mended, and that nothing leads out of."""
