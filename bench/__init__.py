"""The goals in numbers: `make bench` measures and reports them; no test asserts a time."""
