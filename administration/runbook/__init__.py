"""What docs/runbook.md has people do at night."""
