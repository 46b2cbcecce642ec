"""What the domain asks of the outside, a file for each: protocols, with the words of their calls and their errors.

Adapters implement them, and so do the doubles of the tests. No code that decides anything lives here.
"""
