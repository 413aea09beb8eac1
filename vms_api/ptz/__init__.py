"""Moving cameras: one person at a time, every act recorded, every move with an end."""
