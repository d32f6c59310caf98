"""The figures of docs/performance.md, measured: `python -m benchmarks`, or one of its parts by name."""
