"""What a rule does beside raising an alert: cameras turn, recordings start, relays switch, pages show the place."""
