"""Care of devices: what is known of each camera's device, how it drifts, and the few things that may be done to it."""
