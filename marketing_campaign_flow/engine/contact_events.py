"""Contact events: what contacts do outside of the messages of a campaign.

It is written down once for each run under way of the contact, and for who is compared, held out or
not, as long as that lasts (`effect_days` of the campaign), whether the run, or the campaign, has
ended or not. Recording is one statement however many contacts did something; like the reactions to
messages it changes nothing else.
"""

from dataclasses import dataclass
from datetime import datetime

from odoo.tools import SQL

from . import database_clock, pulse

COLUMNS = (
    "partner_id",
    "model",
    "res_id",
    "email",
    "url",
    "detail",
    "value",
    "record_id",
    "key",
    "company_id",
    "exact",
    "user_id",
)

# A contact is known by its record, by the contact behind it, or by its address. What is told again
# under the same key changes nothing.
RECORD = """
    WITH occurrence AS (
        SELECT o.*, COALESCE(o.moment, %(now)s) AS occurred_at
          FROM unnest(%(partner_id)s::int[], %(model)s::text[], %(res_id)s::int[],
                      %(email)s::text[], %(url)s::text[], %(detail)s::text[],
                      %(value)s::float8[], %(record_id)s::int[], %(key)s::text[],
                      %(company_id)s::int[], %(exact)s::bool[], %(user_id)s::int[],
                      %(machine)s::bool[], %(moment)s::timestamp[])
               WITH ORDINALITY o(partner_id, model, res_id, email, url, detail, value, record_id,
                                 key, company_id, exact, user_id, machine, moment, place)
    ),
    campaign AS (
        SELECT id, target_model, company_id, effect_days * interval '1 day' AS span,
               status <> 'done' AS is_open
          FROM flow_campaign
         WHERE status IN ('running', 'paused')
            OR (status = 'done' AND date_end + effect_days * interval '1 day' > %(now)s)
    ),
    known AS (
        SELECT o.place, p.id FROM occurrence o
          JOIN flow_participant p ON p.partner_id = o.partner_id
                                 AND (p.status <> 'ended' OR p.comparison IS NOT NULL)
         UNION
        SELECT o.place, p.id FROM occurrence o CROSS JOIN campaign c
          JOIN flow_participant p ON p.campaign_id = c.id AND p.res_id = o.res_id
                                 AND (p.status <> 'ended' OR p.comparison IS NOT NULL)
         WHERE c.target_model = o.model
         UNION
        SELECT o.place, p.id FROM occurrence o CROSS JOIN campaign c
          JOIN flow_participant p ON p.campaign_id = c.id AND p.email_key = o.email
                                 AND p.status <> 'ended'
         UNION
        SELECT o.place, p.id FROM occurrence o CROSS JOIN campaign c
          JOIN flow_participant p ON p.campaign_id = c.id AND p.email_key = o.email
                                 AND p.comparison IS NOT NULL
    ),
    run AS (
        SELECT k.place, p.id, p.campaign_id, p.state_id, p.res_id,
               c.is_open AND p.status <> 'ended' AS is_under_way
          FROM known k JOIN flow_participant p USING (id) JOIN campaign c ON c.id = p.campaign_id
          JOIN occurrence o USING (place)
         WHERE (c.is_open AND p.status <> 'ended')
            OR (p.comparison IS NOT NULL AND o.occurred_at >= date_trunc('second', p.started_at)
                AND o.occurred_at < p.started_at + c.span)
    )
    INSERT INTO flow_event
           (participant_id, campaign_id, state_id, kind, url, detail, value, record_id,
            external_key, user_id, is_machine, is_new, occurred_at)
    SELECT r.id, r.campaign_id, r.state_id, %(kind)s, o.url, o.detail, o.value, o.record_id, o.key,
           o.user_id, o.machine, r.is_under_way, o.occurred_at
      FROM occurrence o JOIN run r USING (place) JOIN campaign c ON c.id = r.campaign_id
     WHERE (o.company_id IS NULL OR o.company_id = c.company_id)
       AND (NOT o.exact OR o.model IS DISTINCT FROM c.target_model OR r.res_id = o.res_id)
       AND (%(only)s::int[] IS NULL OR c.id = ANY(%(only)s))
     ORDER BY r.id, o.place
        ON CONFLICT %(on_conflict)s
    RETURNING participant_id, campaign_id
"""

# A new event refers to its participant and so holds the row, see `advance.LOCK_OUT_EVENTS`. One
# that only grows does not, and a time-out could pass it unseen.
HOLD = "SELECT FROM flow_participant WHERE id = ANY(%s) ORDER BY id FOR KEY SHARE"

TOLD_ALREADY = SQL("DO NOTHING")

# What lasts is one event whose number goes up. It counts by its last moment and is looked at
# again.
GREW = SQL("""
    (participant_id, kind, external_key) WHERE external_key IS NOT NULL
    DO UPDATE SET value = EXCLUDED.value, occurred_at = EXCLUDED.occurred_at,
                  state_id = EXCLUDED.state_id, is_new = EXCLUDED.is_new
     WHERE flow_event.value < EXCLUDED.value
""")


@dataclass(frozen=True)
class Occurrence:
    """What one contact did.

    :param partner_id: the contact; or `model` and `res_id` of another kind of contact; or `email`,
        its normalised address
    :param url: where
    :param detail: which, what
    :param value: how much, in the unit of the kind of event
    :param record_id: the record that it is about, of the model of the kind
    :param key: what the sender calls it
    :param company_id: only campaigns of this company; None is of any
    :param exact: where campaigns are about records of `model`, only this one has done it, and no
        other of the same contact
    :param user_id: who has noted it by hand
    :param occurred_at: when, in UTC; None is now
    :param before: what the number was when it was told before; None where this is the first time
    """

    partner_id: int | None = None
    model: str | None = None
    res_id: int | None = None
    email: str | None = None
    url: str | None = None
    detail: str | None = None
    value: float | None = None
    record_id: int | None = None
    key: str | None = None
    company_id: int | None = None
    exact: bool = False
    user_id: int | None = None
    occurred_at: datetime | None = None
    is_machine: bool = False
    before: float | None = None

    @classmethod
    def of(cls, contact, **details) -> "Occurrence":
        """Return what a contact did.

        :param contact: a record with an address; see `partner_id`
        """
        known = {"email": contact.email_normalized or None}
        if contact._name == "res.partner":
            known |= {"partner_id": contact.id}
        else:
            known |= {"model": contact._name, "res_id": contact.id}
            if "partner_id" in contact._fields:
                known |= {"partner_id": contact.partner_id.id or None}
        return cls(**{**known, **details})


def record(env, kind: str, occurrences: list[Occurrence], campaign_ids=None, grows=False) -> int:
    """Record what contacts did.

    :param campaign_ids: only in these campaigns; None is in all of them
    :param grows: whether the number of what was told before goes up; each key once at a time
    :return: how many events there are of it, one per contact and campaign
    """
    if not occurrences:
        return 0
    for model in ("flow.campaign", "flow.participant", "flow.event"):
        env[model].flush_model()
    values = {name: [getattr(one, name) for one in occurrences] for name in COLUMNS}
    statement = SQL(
        RECORD,
        kind=kind,
        machine=[one.is_machine for one in occurrences],
        moment=[one.occurred_at for one in occurrences],
        now=database_clock.moment(env),
        on_conflict=GREW if grows else TOLD_ALREADY,
        only=list(campaign_ids) if campaign_ids is not None else None,
        **values,
    )
    env.cr.execute(statement, log_exceptions=False)
    rows = env.cr.fetchall()
    participants = [participant_id for participant_id, _campaign in rows]
    if participants and grows:
        env.cr.execute(SQL(HOLD, participants), log_exceptions=False)  # see `claim`
    if participants:
        pulse.beat(env, {campaign_id for _participant, campaign_id in rows})
        env["flow.event"].invalidate_model()
        env["flow.participant"].invalidate_model(["event_ids"])
    return len(participants)
