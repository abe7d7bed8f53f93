"""The system's own face: HTTP on the outside, the door and the views on the inside."""
