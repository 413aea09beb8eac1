"""What the pictures of the cameras are worth: verdicts of the media node, pictures beside them, what people say."""
