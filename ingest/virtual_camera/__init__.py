"""A camera of our own: RTSP from clips or drawn scenes, for demo, tests and training."""
