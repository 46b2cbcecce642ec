"""What `make verify` looks at, a module for each side of the system."""
