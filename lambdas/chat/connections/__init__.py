"""Who is connected, and how frames reach them: a file for each, imported by itself, since `$connect` needs but one.

Nothing here decides what is said or to whom; a lost connection never fails a request.
"""
