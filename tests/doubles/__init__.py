"""In-memory implementations of the ports, one file a port: faithful to what the real ones promise and to nothing more.

Unit tests, the simulation, the interleavings and Hypothesis build on the same ones.
"""
