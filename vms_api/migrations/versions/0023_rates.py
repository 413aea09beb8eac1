"""What the rates are counted from and was not kept so far, the facts of each day, targets and scheduled reports.

Cameras that are here already are placed where they are now, since they came: nothing of that time can be counted as
known anyway, because nobody wrote down when the node was heard.
"""

from alembic import op

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None

_CAMERA_RATES = (
    "online",
    "stream_intact",
    "picture_intact",
    "recording_completeness",
    "retention_met",
    "clock_compliance",
    "ledger_completeness",
    "networking",
    "purposed_use",
)


def upgrade() -> None:
    _histories()
    _facts()
    _decisions()
    _reports()


def _histories() -> None:
    op.execute(
        """CREATE TABLE camera_placements (
            camera_id VARCHAR NOT NULL,
            since BIGINT NOT NULL,
            until BIGINT,
            area_id VARCHAR NOT NULL,
            enabled BOOLEAN NOT NULL,
            PRIMARY KEY (camera_id, since)
        )"""
    )
    op.execute(
        "INSERT INTO camera_placements (camera_id, since, area_id, enabled) "
        "SELECT id, created_at, area_id, enabled FROM cameras"
    )
    op.execute("CREATE TABLE node_watches (started_at BIGINT NOT NULL PRIMARY KEY, until_at BIGINT NOT NULL)")
    op.execute(
        """CREATE TABLE recording_plan_history (
            camera_id VARCHAR NOT NULL,
            since BIGINT NOT NULL,
            contents JSON NOT NULL,
            PRIMARY KEY (camera_id, since)
        )"""
    )
    op.execute(
        """CREATE TABLE device_clock_checks (
            camera_id VARCHAR NOT NULL,
            checked_at BIGINT NOT NULL,
            offset_s FLOAT NOT NULL,
            PRIMARY KEY (camera_id, checked_at)
        )"""
    )
    op.execute("CREATE INDEX ix_device_clock_checks_checked_at ON device_clock_checks (checked_at)")
    op.execute("CREATE INDEX ix_camera_states_at ON camera_states (at)")
    op.execute("CREATE INDEX ix_camera_states_camera_id_role_at ON camera_states (camera_id, role, at)")


def _facts() -> None:
    counted = ", ".join(
        f"{rate}_{part} BIGINT NOT NULL" for rate in _CAMERA_RATES for part in ("numerator", "known", "expected")
    )
    op.execute(
        f"""CREATE TABLE rate_facts (
            day VARCHAR NOT NULL,
            camera_id VARCHAR NOT NULL,
            part INTEGER NOT NULL,
            area_id VARCHAR NOT NULL,
            version INTEGER NOT NULL,
            excluded JSON,
            {counted},
            PRIMARY KEY (day, camera_id, part)
        )"""
    )
    op.execute("CREATE INDEX ix_rate_facts_area_id_day ON rate_facts (area_id, day)")
    op.execute(
        """CREATE TABLE rate_facts_past (
            day VARCHAR NOT NULL,
            camera_id VARCHAR NOT NULL,
            part INTEGER NOT NULL,
            version INTEGER NOT NULL,
            contents JSON NOT NULL,
            PRIMARY KEY (day, camera_id, part, version)
        )"""
    )
    op.execute(
        """CREATE TABLE rate_area_facts (
            day VARCHAR NOT NULL,
            area_id VARCHAR NOT NULL,
            rate VARCHAR NOT NULL,
            version INTEGER NOT NULL,
            is_current BOOLEAN NOT NULL,
            numerator BIGINT NOT NULL,
            known BIGINT NOT NULL,
            expected BIGINT NOT NULL,
            PRIMARY KEY (day, area_id, rate, version)
        )"""
    )
    op.execute(
        """CREATE TABLE rate_days (
            day VARCHAR NOT NULL,
            version INTEGER NOT NULL,
            computed_at BIGINT NOT NULL,
            method_version VARCHAR NOT NULL,
            cause VARCHAR NOT NULL,
            changed INTEGER NOT NULL,
            PRIMARY KEY (day, version)
        )"""
    )


def _decisions() -> None:
    op.execute(
        """CREATE TABLE rate_targets (
            rate VARCHAR NOT NULL PRIMARY KEY,
            target FLOAT,
            reason VARCHAR NOT NULL,
            set_by VARCHAR,
            set_at BIGINT NOT NULL
        )"""
    )
    op.execute(
        """CREATE TABLE rate_exclusions (
            id VARCHAR NOT NULL PRIMARY KEY,
            camera_id VARCHAR NOT NULL,
            area_id VARCHAR NOT NULL,
            starts_at BIGINT NOT NULL,
            ends_at BIGINT,
            why VARCHAR NOT NULL,
            note VARCHAR NOT NULL,
            asked_by_id VARCHAR NOT NULL,
            asked_by VARCHAR NOT NULL,
            asked_at BIGINT NOT NULL,
            approved_by_id VARCHAR,
            approved_by VARCHAR,
            approved_at BIGINT
        )"""
    )
    op.execute("CREATE INDEX ix_rate_exclusions_camera_id ON rate_exclusions (camera_id, starts_at)")


def _reports() -> None:
    op.execute(
        """CREATE TABLE scheduled_reports (
            id VARCHAR NOT NULL PRIMARY KEY,
            area_id VARCHAR NOT NULL,
            name VARCHAR NOT NULL,
            period VARCHAR NOT NULL,
            language VARCHAR NOT NULL,
            formats JSON NOT NULL,
            recipients JSON NOT NULL,
            enabled BOOLEAN NOT NULL,
            created_by VARCHAR NOT NULL,
            created_at BIGINT NOT NULL,
            done_until VARCHAR
        )"""
    )
    op.execute(
        """CREATE TABLE report_files (
            id VARCHAR NOT NULL PRIMARY KEY,
            report_id VARCHAR NOT NULL,
            area_id VARCHAR NOT NULL,
            name VARCHAR NOT NULL,
            format VARCHAR NOT NULL,
            first_day VARCHAR NOT NULL,
            last_day VARCHAR NOT NULL,
            size_bytes BIGINT NOT NULL,
            sha256 VARCHAR NOT NULL,
            made_at BIGINT NOT NULL,
            mail VARCHAR NOT NULL
        )"""
    )
    op.execute("CREATE INDEX ix_report_files_made_at ON report_files (made_at)")


def downgrade() -> None:
    for table in (
        "report_files",
        "scheduled_reports",
        "rate_exclusions",
        "rate_targets",
        "rate_days",
        "rate_area_facts",
        "rate_facts_past",
        "rate_facts",
        "device_clock_checks",
        "recording_plan_history",
        "node_watches",
        "camera_placements",
    ):
        op.execute(f"DROP TABLE {table}")
    op.execute("DROP INDEX ix_camera_states_camera_id_role_at")
    op.execute("DROP INDEX ix_camera_states_at")
