"""The doors of the chat: from a frame or a call to its answer. Decoding, one method for each action, encoding."""
