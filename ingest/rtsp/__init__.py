"""An RTSP and RTP client of our own: cameras are strangers, so nothing they send is trusted or unbounded."""
