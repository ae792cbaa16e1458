"""Each row of the table of the article, with the code of its step and the test that fails without it."""
