"""The frames and calls that come in and the frames that go out, as docs/protocol.md describes them.

Shapes, limits and their complaints only; what a frame does is in `chat.contacts` and above.
"""
