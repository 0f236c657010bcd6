"""Settings to doors: the one floor that names adapters, each imported when it is first wanted."""
