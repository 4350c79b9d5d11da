"""What the steps of the lesson are made of: state, questions, and what follows when Cognito refuses."""
