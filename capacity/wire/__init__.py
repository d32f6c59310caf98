"""The shapes that cross the wire, in and out, and the types of problems. Source: wire.md."""
