"""Seeded schedules of interleavings and faults, driven through the real domain code.

`python -m tests.simulation simulate 0:5000` runs schedules; `python -m tests.simulation mutants` shows that they would
notice: each mutant breaks one rule of the design and must be caught. `days` runs the whole back end through a bad day,
and `model` looks at every order in which a few frames can be handled.
"""
