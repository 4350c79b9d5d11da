"""How a scenario is started: command line, checks before it, clients, answers, and how it ends."""

__version__ = "2.0.0"
