"""The VPC: subnets, routes, endpoints, security groups and flow logs."""
