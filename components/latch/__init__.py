"""The recovery stack's switch of the origin. It is built after the service that it sends traffic to."""
