"""The steps of a sign-in: sessions, challenges, second factors, proofs, and tokens."""
