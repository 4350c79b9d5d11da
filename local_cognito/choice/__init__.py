"""USER_AUTH: the choice among first factors, their passkeys, and the sign-in straight after a sign-up."""
