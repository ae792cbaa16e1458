"""Each row of the README's table of the article, with the code of its step and the test that fails without it."""
