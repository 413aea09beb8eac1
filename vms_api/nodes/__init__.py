"""Media nodes as the control process sees them: launched, watched, told what to do, asked for pictures."""
