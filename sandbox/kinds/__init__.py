"""What AWS answers for each resource type: ids, ARNs and computed outputs."""
