"""What an operator does by hand, with their own AWS credentials."""
