"""The rates that a place is assessed on, with what each number was counted from."""
