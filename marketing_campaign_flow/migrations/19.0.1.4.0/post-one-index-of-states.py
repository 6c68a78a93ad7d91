"""Participants are found by state and in order by one index, which takes the place of another."""


def migrate(cr, _version):
    cr.execute("DROP INDEX IF EXISTS flow_participant__state_id_index")
