"""`make load` and `make chaos`: many visitors and sellers who chat with a deployed system, and what became of it.

`people` runs in an environment of its own, under locust (requirements-load.txt), and knows nothing of this project but
the protocol. All else prepares it, and reads what it noted.
"""
