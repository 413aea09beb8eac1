"""Getting model files onto this machine; what they mean is known to `analytics`."""
