"""The page for people: its contents and its views."""
