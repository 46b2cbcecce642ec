"""The own handlers of the document that asked for this chat: in Python, and in JavaScript as they stand there."""
