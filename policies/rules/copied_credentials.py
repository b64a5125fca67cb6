"""The rule of chapter credentials about copies: the recovery region has the database's logins."""

from policies.engine.answers import Answer
from policies.engine.expectations import has_element, property_rule, when
from policies.engine.facts import Known, Resource, Unknown
from policies.figures import storage as storage_figures
from policies.readers.resource_types import SECRETS


def _is_of_original_database(secret: Resource) -> Answer:
    if secret.stack != storage_figures.COPIED_BY:
        return False
    name = secret.at("name").text()
    return name if isinstance(name, Unknown) else isinstance(name, Known) and "/database-" in name.value


RULES = (
    property_rule(
        "credentials-copied",
        section="Backup & Recovery",
        # dr's database is a replica, with the same logins.
        description="The recovery region has a copy of each of the database's logins, which a promoted database keeps",
        types=SECRETS,
        rows=when(
            _is_of_original_database,
            has_element("replicas", "region", storage_figures.COPY_REGION),
            of="the database's secrets",
        ),
        severity="high",
    ),
)
