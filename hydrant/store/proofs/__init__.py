"""Whether rows and log entries are as they were sealed, and what is not."""
