"""Parts of a registry that travel: crews' bundles and packages for the level above."""
