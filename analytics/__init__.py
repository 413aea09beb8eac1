"""Frames in, tracks and alerts out; no network, no database."""
