"""What AWS answers for each resource type: identifiers, ARNs and computed outputs."""
