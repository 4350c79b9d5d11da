"""The page for people: what it shows, and how it looks."""
