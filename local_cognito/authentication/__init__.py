"""The steps of a sign-in: sessions, challenges, factors, proofs, and limits on attempts."""
