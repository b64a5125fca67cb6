"""The rule about certificates: AWS renews them by itself."""

from policies.engine.expectations import equals, property_rule
from policies.readers.resource_types import CERTIFICATE

RULES = (
    property_rule(
        "edge-certificates",
        section="Data Handling",
        description="Every certificate is validated by DNS, so that AWS renews it as long as the record exists",
        types=CERTIFICATE,
        rows=(equals("validationMethod", "DNS"),),
    ),
)
