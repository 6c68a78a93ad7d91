"""The addon comes, is upgraded and goes, and leaves nothing behind but what is Odoo's."""

import os

import pytest

from tools import commands, databases, odoo_server, places
from tools.demo.client import Client
from tools.odoo_server import OdooInstance

SCHEMA = """
    SELECT 'column ' || table_name || '.' || column_name FROM information_schema.columns
     WHERE table_schema = 'public'
     UNION SELECT 'index ' || indexname FROM pg_indexes WHERE schemaname = 'public'
     UNION SELECT 'constraint ' || conname FROM pg_constraint
     UNION SELECT 'function ' || proname FROM pg_proc WHERE pronamespace = 'public'::regnamespace
     UNION SELECT 'trigger ' || tgname FROM pg_trigger WHERE NOT tgisinternal
     UNION SELECT 'cron ' || cron_name FROM ir_cron
     UNION SELECT 'parameter ' || key FROM ir_config_parameter WHERE key LIKE 'marketing_campaign%'
     UNION SELECT 'domain ' || domain FROM ir_act_window WHERE path = 'email-marketing'
"""

# A participant, written down by a version that knew no facts.
BEFORE_FACTS = """
    DO $$
    DECLARE counting regprocedure;
    BEGIN
        FOR counting IN SELECT oid FROM pg_proc WHERE proname LIKE 'flow\\_count\\_%'
        LOOP EXECUTE format('DROP FUNCTION %s CASCADE', counting); END LOOP;
        DROP TABLE flow_fact;
        UPDATE ir_module_module SET latest_version = '19.0.1.0.0'
         WHERE name = 'marketing_campaign_flow';
        INSERT INTO flow_participant
               (campaign_id, state_id, status, visit, run_number, started_at, entered_at, res_id,
                name)
        SELECT w.campaign_id, s.id, 'held', 0, 1, now(), now(), 1, 'Ann'
          FROM flow_state s JOIN flow_workflow w ON w.id = s.workflow_id
         WHERE w.campaign_id IS NOT NULL LIMIT 1;
    END $$
"""
COUNTED = "SELECT metric || ' ' || sum(amount) FROM flow_fact GROUP BY metric ORDER BY metric"


@pytest.fixture
def database(environment):
    """A database with mass_mailing only."""
    name = environment.database_name(f"life_{os.getpid()}")
    databases.create(environment, name, replace=True)
    yield name
    databases.drop(environment, name)


def schema(environment, database) -> set[str]:
    return set(environment.postgres.sql(SCHEMA, database).splitlines())


def complaints(log: str) -> list[str]:
    """Return the warnings and errors of a log, without those of libraries at start-up."""
    return [
        line
        for line in log.splitlines()
        if any(f" {level} " in line for level in ("WARNING", "ERROR", "CRITICAL"))
        and " py.warnings: " not in line
    ]


def run_odoo(environment, database, *options) -> str:
    return commands.run(
        odoo_server.command(environment, database, "--stop-after-init", "--no-http", *options),
        env=environment.variables(),
        cwd=places.STATE,
    )


def test_install_upgrade_and_uninstall_without_a_complaint_or_a_trace(environment, database):
    before = schema(environment, database)
    addon = places.CORE_ADDON
    assert complaints(run_odoo(environment, database, f"--init={addon}", "--with-demo")) == []
    assert any("flow_participant" in name for name in schema(environment, database))
    assert complaints(run_odoo(environment, database, f"--update={addon}")) == []

    environment.postgres.sql(BEFORE_FACTS, database)
    assert complaints(run_odoo(environment, database, f"--update={addon}")) == []
    counted = environment.postgres.sql(COUNTED, database).splitlines()
    assert counted == ["held 1", "started 1"]

    with OdooInstance(environment, database, extra_args=["--max-cron-threads=0"]) as server:
        start = server.log_path.stat().st_size
        admin = Client(server.url, database, "admin", "admin")
        campaign_id = admin.create("flow.campaign", {"name": "To be left behind"})
        [campaign] = admin.read("flow.campaign", [("id", "=", campaign_id)], ["utm_campaign_id"])
        settings = admin.create("res.config.settings", {"flow_lane_count": 4})
        admin.call("res.config.settings", "execute", [settings])
        lanes = [("cron_name", "=", "Campaign Flow: engine"), ("active", "=", True)]
        assert admin.count("ir.cron", lanes) == 4
        module = admin.search("ir.module.module", [("name", "=", addon)])
        admin.call("ir.module.module", "button_immediate_uninstall", module)
        log = server.log_path.read_text()[start:]
        assert admin.count("utm.campaign", [("id", "=", campaign["utm_campaign_id"][0])]) == 1
    assert complaints(log) == []
    assert schema(environment, database) == before
