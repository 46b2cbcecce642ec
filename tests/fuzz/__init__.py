"""Inputs that nobody would think of, against everything that the outside can reach."""
