"""The device ledger (一机一档): what is known of every camera, its import and export, and what a site requires."""
