"""Why somebody looks: stated before, valid for a while, shown in the audit log."""
