"""What AWS insists on and the emulator forgets, so that what passes here passes there.

Every rule is a switch of `Strictness`, which names AWS's limit and where AWS says so, and a file for each kind of rule.
What is not known to hold yet is off, and says why there. What cannot be made strict is listed in docs/operations.md.
"""
