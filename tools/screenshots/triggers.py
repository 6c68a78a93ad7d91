"""What the pictured form of each trigger is filled in with."""

from tools.screenshots.studio import OFFER, Studio


def events(studio: Studio) -> dict[str, dict]:
    """Return the values of one way out per kind of event."""
    return {**_messages(studio), **_contact(studio), **_website(), **_sales()}


def others(studio: Studio) -> dict[str, dict]:
    """Return the values of one way out per trigger that is no event."""
    return {
        "timeout": {
            "delay_value": 3,
            "after_action_id": studio.invitation,
            "target_id": studio.reminded,
            "reason": "No answer",
        },
        "date": {"date_at": "2027-04-01 07:00:00", "target_id": studio.reminded},
        "condition": {
            "condition": "[('flow_points', '>=', 50)]",
            "reason": "Has 50 points",
        },
        "result": {
            "result_metric": "open_rate",
            "result_action_id": studio.invitation,
            "reason": "The invitation is read",
        },
        "split": {"weight": 30, "reason": "These get the long email"},
        "done": {"target_id": studio.reminded},
        "manual": {"reason": "Called us"},
    }


def ways_in(studio: Studio) -> dict[str, dict]:
    """Return the values of one way in per trigger."""
    return {
        "entry_event": {
            "trigger": "event",
            "event_kind": "submitted",
            "link_pattern": "https://shop.example/*",
            "event_detail": "catalogue",
            "guard": "[('country_id.code', '=', 'IT')]",
        },
        "entry_date": {
            "trigger": "date",
            "date_field_id": studio.field("birthdate"),
            "date_days": 10,
            "date_yearly": True,
        },
    }


def stays(studio: Studio) -> int:
    """Return a way out that only runs its action and stays."""
    way = studio.way_out(
        "event",
        event_kind="clicked",
        event_action_id=studio.invitation,
        target_id=None,
        repeat="each",
        reason="Gathers points",
    )
    group = studio.one("flow.point.group", name="Interest in plants")
    values = {"transition_id": way, "kind": "points", "points_amount": 10}
    studio.marta.create("flow.action", {**values, "points_group_id": group})
    return way


def _messages(studio: Studio) -> dict[str, dict]:
    invitation = {"event_action_id": studio.invitation}
    text = studio.mailing(
        "Garden party", mailing_type="sms", body_plaintext=f"Our garden party: {OFFER}/party"
    )
    sms = {"event_action_id": studio.action("sms", mailing_id=text)}
    leaves = {"state_id": None, "target_id": studio.unsubscribed}
    return {
        "delivered": {**invitation, "target_id": studio.reminded},
        "opened": {**invitation, "reason": "Shows interest"},
        "clicked": {**invitation, "link_pattern": f"{OFFER}*", "reason": "Saw the collection"},
        "replied": {**invitation, "target_id": studio.customer, "reason": "Wrote back"},
        "bounced": {"event_detail": "hard", **leaves, "reason": "The address does not exist"},
        "unsubscribed": {**leaves, "reason": "Wants no more emails"},
        "blacklisted": {**leaves, "reason": "Wants no more emails"},
        "sms_sent": sms,
        "sms_clicked": {**sms, "link_pattern": f"{OFFER}/party", "reason": "Looked at the party"},
        "sms_bounced": {**sms, "target_id": studio.reminded, "reason": "Call instead"},
    }


def _contact(studio: Studio) -> dict[str, dict]:
    return {
        "contact_created": {},
        "tag_added": {"event_detail": "Gardener", "reason": "A gardener"},
        "list_subscribed": {"event_detail": "Garden newsletter"},
        "list_unsubscribed": {
            "event_detail": "Garden newsletter",
            "target_id": studio.unsubscribed,
        },
        "activity_done": {"event_detail": "Call", "reason": "Was called"},
        "response": {"event_detail": "Visit*", "reason": "Was at the garden party"},
        "custom": {"event_detail": "quiz", "event_least": 7, "reason": "Knows a lot about roses"},
    }


def _website() -> dict[str, dict]:
    return {
        "visited": {
            "link_pattern": "https://shop.example/roses*",
            "event_detail": "*source=newsletter;*",
            "event_times": 2,
            "reason": "Likes roses",
        },
        "stayed": {"link_pattern": "https://shop.example/prices", "event_least": 30},
        "stayed_site": {"link_pattern": "https://shop.example/*", "event_least": 300},
        "pages": {"link_pattern": "https://shop.example/*", "event_least": 5},
        "submitted": {"event_detail": "catalogue", "reason": "Asked for the catalogue"},
        "downloaded": {"event_detail": "*.pdf", "reason": "Reads our catalogue"},
    }


def _sales() -> dict[str, dict]:
    garden = "[('order_line.product_id.categ_id.name', '=', 'Garden')]"
    return {
        "lead_created": {"event_detail": "Private Gardens"},
        "lead_stage": {"event_detail": "Proposition", "event_least": 1000},
        "lead_won": {"reason": "Bought"},
        "lead_lost": {"event_detail": "Too expensive", "reason": "Offer something smaller"},
        "quotation_sent": {"event_least": 500},
        "quotation_abandoned": {"event_least": 7, "reason": "Needs a reminder"},
        "order_confirmed": {"event_least": 100, "event_domain": garden, "reason": "Bought"},
        "invoice_posted": {"event_domain": "[('move_type', '=', 'out_invoice')]"},
        "invoice_paid": {"event_least": 1000, "reason": "A good customer"},
        "invoice_overdue": {"event_least": 14, "reason": "Remind them kindly"},
    }
