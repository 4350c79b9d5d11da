"""What the steps of the scenarios are made of: state, questions, and what follows when Cognito refuses."""
