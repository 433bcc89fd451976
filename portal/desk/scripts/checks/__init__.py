"""What the linter looks for, a file for each kind of trouble."""
