"""unhijack: from a citizen's report of a hijacked web server to a verified clean one."""

__version__ = "0.1.0"
