"""Who looked, who changed what, and who was refused: a chain of rows that nobody can alter unnoticed."""
