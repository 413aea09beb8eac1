"""What a client is given that calls this product's own processes, which speak plain HTTP to each other."""

import ssl

NO_AUTHORITY = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
"""Trusts nobody's certificate. A client left to itself reads all the world's authorities first, which takes longer than
to open the database."""
