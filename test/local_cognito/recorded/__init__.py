"""What AWS was recorded to answer, as tables of data, and the test that plays them."""
