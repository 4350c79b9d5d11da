"""USER_AUTH: the choice among first factors, and the sign-in straight after a sign-up."""
