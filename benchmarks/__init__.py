"""Speed and memory as ratios, all measured in one run: `python -m benchmarks`."""
