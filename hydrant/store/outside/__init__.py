"""What other programs changed in the registry, and what is pending."""
