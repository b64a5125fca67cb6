"""The path of a request to the tasks: DNS, CloudFront, the web ACLs and the load balancer."""
