"""Who somebody is: tokens, tickets, and the decision at the upgrade.

Who may do what in a contact is not decided here but from its log. Only what verifies tokens imports `tokens`.
"""
