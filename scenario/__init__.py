"""The building blocks of the scenarios' steps: state, questions, recovery from refusals, display."""
