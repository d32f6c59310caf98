"""The pages that everybody can read, without JavaScript: `/` in several languages, and `/accessibilite`."""
