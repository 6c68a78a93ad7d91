"""RFM: the scores and segments of all customers, for the first time and the next night.

Reference: one plain aggregation of the same orders by customer (how many, how much, when last),
written into a table with the same columns and indexes; once more with the same foreign keys, which
are most of what it costs for the first time.
"""

from benchmarks import harness, orders
from benchmarks.harness import Figure

SIZE = 1_000_000
TARGET = 2

REFERENCE = """
    INSERT INTO bench_rfm (partner_id, company_id, last_order_at, frequency, monetary, segment_id)
    SELECT partner_id, company_id, MAX(date_order), COUNT(*), SUM(amount_untaxed), %(segment)s
      FROM sale_order WHERE state = 'sale' GROUP BY company_id, partner_id
"""

KEYS = """
    ALTER TABLE bench_rfm
      ADD FOREIGN KEY (partner_id) REFERENCES res_partner (id) ON DELETE CASCADE,
      ADD FOREIGN KEY (company_id) REFERENCES res_company (id) ON DELETE CASCADE,
      ADD FOREIGN KEY (segment_id) REFERENCES flow_rfm_segment (id) ON DELETE RESTRICT
"""


def run(env, size: int | None) -> list[Figure]:
    """Measure and return the figures."""
    size = size or SIZE
    orders.make(env, size)
    segment = env["flow.rfm.segment"].search([], limit=1).id
    parameters = env["ir.config_parameter"]
    parameters.set_param("marketing_campaign_flow_sale.rfm_days", "0")  # every customer counts
    env.cr.commit()

    def score():
        assert env["flow.rfm"]._refresh() == size
        env.cr.commit()

    def again():
        assert env["flow.rfm"]._refresh() == 0
        env.cr.commit()

    def empty():
        env.cr.execute("TRUNCATE flow_rfm")
        env.cr.execute("DROP TABLE IF EXISTS bench_rfm")
        env.cr.execute("CREATE TABLE bench_rfm (LIKE flow_rfm INCLUDING ALL)")
        env.cr.commit()

    def plain():
        env.cr.execute(REFERENCE, {"segment": segment})
        assert env.cr.rowcount == size
        env.cr.commit()

    def empty_with_keys():
        empty()
        env.cr.execute(KEYS)
        env.cr.commit()

    value, reference = harness.median_seconds_in_turns(score, plain, prepare=empty)
    kept, keeping = harness.median_seconds_in_turns(score, plain, prepare=empty_with_keys)
    harness.vacuum(env, "flow_rfm")
    next_night = harness.median_seconds(lambda: None, again)
    env.cr.execute("DROP TABLE bench_rfm")
    env.cr.execute("TRUNCATE flow_rfm")
    env.cr.commit()
    return [
        Figure(f"RFM of {size:,} customers, {2 * size:,} orders", value, "s", reference, TARGET),
        Figure("the same, the reference with its foreign keys", kept, "s", keeping, TARGET),
        Figure("RFM the next night, nothing new", next_night, "s", reference, TARGET),
    ]
