"""The ONVIF side of a virtual camera: as well-behaved, or as odd, as real ones."""
