"""Repair tickets: what is wrong with a camera, who mends it and until when, and whether it is mended."""
