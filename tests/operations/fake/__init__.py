"""AWS's APIs as the commands use them, behind botocore's `before-send`, with a clock of its own.

`wire` decodes requests and encodes answers, both checked against AWS's service models (`validate`); `world` joins the
services: `ecs`, and the small ones in `others`.
"""
