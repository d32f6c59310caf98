"""Whether a wall that runs for a week stays as small as on its first evening."""
