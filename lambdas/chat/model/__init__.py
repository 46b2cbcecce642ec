"""The words of the chat as values: people, entries and their state, inboxes, sellers, hours, rates, errors.

A room that needs one imports its file. Nothing here calls anything, keeps anything or knows a frame or a table.
"""
