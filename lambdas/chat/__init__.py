"""The chat. Each folder is a room; imports point downwards only, as docs/architecture.md draws them."""
