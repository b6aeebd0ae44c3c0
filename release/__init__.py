"""What makes a release: changelog, constraints, licences, advisories, weights, laptop build."""
