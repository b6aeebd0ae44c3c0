"""From a device profile to a stored reading."""
