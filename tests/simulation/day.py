"""Who is in a day, and how long its parts are, in seconds."""

TEAM = "support"
SELLERS = ("ana", "bo", "cy")
VISITORS = 7
CHAOS = 600.0
CALM = 480.0
QUIET = 2000.0
HEARTBEAT = 60.0
RETRY = 10.0
DAY = 86_400.0
IDLE, LEASE = 600, 60
KEPT = 300
"""For how long what was put away waits for its seller to look at it, in place of three days."""
RAREST = 7200
"""How rarely who waits is looked at in the end, in place of fifteen minutes: nothing goes wrong at night."""
LISTS_LAG = 300.0
"""For how long a list may show what was before."""
LOOKED_AT = 3
LOOKED_AT_WITHIN = 180.0
"""When a check-up has come that was due after a minute, and its contact once more."""
MOST_TAGS, MOST_REPLIES, EARLIER_PAGE = 1, 2, 1
"""So few that there are too many now and then."""
