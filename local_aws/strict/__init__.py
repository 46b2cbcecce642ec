"""What AWS insists on and the emulator forgets, so that what passes here passes there.

Every rule is a switch of `Strictness`, which names AWS's limit and where AWS says so, and a file for each kind of rule.
All are on unless somebody switches one off. What cannot be made strict is listed in docs/operations.md.
"""
