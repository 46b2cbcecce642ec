"""`make mutate`: every small change to the log, to contacts and to teams; a test must notice each."""
