"""The Sandbox port by V8, in worker processes that can be killed."""
