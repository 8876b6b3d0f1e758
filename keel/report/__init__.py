"""What a run says to a reader: a table in the terminal, a page for the browser."""
