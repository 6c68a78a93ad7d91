"""RFM: the scores and segments of all customers, for the first time and the next night.

Reference: one plain aggregation of the same orders by customer (how many, how much, when last),
written into a table with the same columns and indexes, which has no foreign keys either.
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

    value, reference = harness.median_seconds_in_turns(score, plain, prepare=empty)
    harness.vacuum(env, "flow_rfm")
    next_night = harness.median_seconds(lambda: None, again)
    env.cr.execute("DROP TABLE bench_rfm")
    env.cr.execute("TRUNCATE flow_rfm")
    env.cr.commit()
    return [
        Figure(
            f"RFM of {size:,} customers, {2 * size:,} orders, the first time",
            value,
            "s",
            reference,
            TARGET,
        ),
        Figure("RFM the next night, nothing new", next_night, "s", reference, TARGET),
    ]
