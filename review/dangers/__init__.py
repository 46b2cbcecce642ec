"""What a review begins with: the changes that must not be overlooked."""
