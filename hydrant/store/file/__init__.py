"""What a registry in a GeoPackage consists of, and how it is made and brought up to date."""
