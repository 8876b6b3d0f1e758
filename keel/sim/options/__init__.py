"""Options in a run: vaults that write them, those who keep them going, and those who buy."""
