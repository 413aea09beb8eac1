"""Alerts, their evidence and their state."""
