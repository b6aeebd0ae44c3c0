"""What is known of assets at a date, as it was known at a moment."""
