"""Every control of docs/security.md, taken out: `make mutate-controls` shows that a named test fails."""
