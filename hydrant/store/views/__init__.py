"""What lists, maps, exports and searches ask of the registry."""
