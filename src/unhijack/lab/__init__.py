"""An inert town of sites for the demo, the tests and the benchmarks."""
