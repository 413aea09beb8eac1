"""Cameras in, packets and frames out; knows nothing of detection, HTTP or databases."""
