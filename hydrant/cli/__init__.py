"""Commands and rendering: the only place that prints."""
