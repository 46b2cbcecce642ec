"""What an operator does by hand, with AWS credentials of his own."""
