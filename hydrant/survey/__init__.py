"""A crew's round: plan, form, match, record."""
