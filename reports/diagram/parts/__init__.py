"""What each tier adds to the pictures, read from the resources of a stack."""
