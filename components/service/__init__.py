"""The API on Fargate: cluster, service, task definition, roles and scaling."""
