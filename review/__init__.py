"""What a change of the stacks would do where they are deployed, for somebody who has to agree to it."""
