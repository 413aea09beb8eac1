"""One file for each step of the schema, in order. A step that was released is never changed."""
