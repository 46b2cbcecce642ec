"""What `make deploy` and `make destroy` look at before they change anything on AWS.

Each check ends in one line that says what to do. What costs a failed deployment half an hour is found in a second here.
"""
