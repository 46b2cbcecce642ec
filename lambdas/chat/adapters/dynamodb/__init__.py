"""The three tables: a file for each port, and what a refused request means."""
