"""What looks at a Python service from inside while it is measured. It runs in that service: standard library only, nothing of ours.

`python .../probe OUT ROOT -- server.py args` becomes that program. Figures that count are never taken with it.
"""
