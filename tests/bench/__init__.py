"""What the functions cost, as ratios in one run: `make bench`. docs/performance.md has the tables of the last one."""
