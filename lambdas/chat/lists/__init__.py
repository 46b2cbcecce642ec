"""What lists show of contacts beside where they stand, and what is found in them."""
