"""ONVIF devices: found, asked, moved and listened to, with every answer taken for hostile."""
