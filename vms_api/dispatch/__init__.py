"""Which centre answers for an alert, until when, and who hears of it when nobody does."""
