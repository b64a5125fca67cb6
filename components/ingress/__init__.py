"""The path of a request up to the tasks: DNS, CloudFront, the web ACLs and the load balancer."""
