"""Who is on duty at a centre, and what one shift hands over to the next."""
