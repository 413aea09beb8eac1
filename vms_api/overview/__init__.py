"""What a duty room looks at first: what is wrong, who has it in hand, and where it is."""
