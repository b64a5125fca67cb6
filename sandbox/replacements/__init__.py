"""Which changed properties make the provider replace a resource, by resource type."""
