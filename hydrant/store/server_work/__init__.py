"""Who polls which gateways of a registry on a server: jobs, workers, listeners."""
