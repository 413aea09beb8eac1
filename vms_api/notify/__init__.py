"""Telling others: a transactional outbox, one lane for each receiver, and the senders behind one seam."""
