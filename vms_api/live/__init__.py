"""Live view: encoded packets from the fan-out to browsers over WebRTC."""
