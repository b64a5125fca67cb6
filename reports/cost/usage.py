"""The assumptions of usage, and the traffic that follows from them."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path

import yaml
from pydantic import BaseModel, ConfigDict, TypeAdapter

FILE = Path(__file__).with_name("usage.yaml")


class Assumption(BaseModel):
    """One figure of usage, with its unit, and where it comes from or why it was chosen."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    value: float
    unit: str
    reason: str


Assumptions = Mapping[str, Assumption]


@dataclass(frozen=True, kw_only=True)
class Usage:
    """The figures of usage.yaml, which says what each one means; months are of 730 hours."""

    requests_per_second: float
    active_users: float
    months_in_service: float
    response_bytes: float
    request_bytes: float
    page_loads_per_user_and_hour: float
    files_per_page_load: float
    asset_bytes: float
    cache_miss_share: float
    edge_connection_requests: float
    health_checkers: float
    dns_queries_per_record: float
    waf_logged_share: float
    waf_log_bytes: float
    waf_free_log_gb_per_million: float
    write_share: float
    database_bytes: float
    cache_bytes: float
    other_zone_share: float
    outbound_gb: float
    idle_gb: float
    job_share: float
    requests_per_job: float
    job_bytes: float
    releases: float
    image_gb: float
    one_off_task_hours: float
    insights_event_bytes: float
    database_used_gb: float
    wal_bytes_per_write: float
    changed_gb_per_week: float
    cache_data_gb: float
    file_read_share: float
    file_write_share: float
    file_bytes: float
    assets_gb: float
    other_bucket_gb: float
    log_bytes: float
    audit_share: float
    audit_record_bytes: float
    log_compression: float
    access_log_bytes: float
    flow_records_per_request: float
    idle_flow_records_per_second: float
    flow_record_bytes: float
    postgresql_log_gb: float
    os_metrics_bytes: float
    small_log_gb: float
    management_events: float
    event_bytes: float
    config_changes_per_resource: float
    security_checks_per_resource: float
    kms_requests_per_key: float
    secret_calls: float
    alerts: float
    archive_searched_tb: float


def load_assumptions(file: Path = FILE) -> Mapping[str, Assumptions]:
    """Return usage.yaml: the figures of the document, and our assumptions."""
    adapter = TypeAdapter(dict[str, dict[str, Assumption]])
    return adapter.validate_python(yaml.safe_load(file.read_text(encoding="utf-8")))


def usage_of(groups: Mapping[str, Assumptions]) -> Usage:
    """Return the figures by name. Raise ValueError that names all missing and unknown ones."""
    figures = {name: row.value for rows in groups.values() for name, row in rows.items()}
    names = {field.name for field in fields(Usage)}
    wrong = [f"{name} is missing" for name in sorted(names - figures.keys())]
    wrong += [f"{name} is unknown" for name in sorted(figures.keys() - names)]
    if wrong:
        raise ValueError(f"{FILE.name}: {', '.join(wrong)}")
    return Usage(**figures)
