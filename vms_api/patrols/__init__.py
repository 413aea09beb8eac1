"""Online patrol: plans, the rounds that come of them, and what was seen on the way."""
