"""Every write on boards, by noun. A service acts through the `Change` that holds the board's stream; none opens a transaction."""
