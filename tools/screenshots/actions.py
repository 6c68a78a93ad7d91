"""What the pictured form of each kind of action is filled in with."""

from tools.screenshots.studio import OFFER, Studio

WORKING_HOURS = {"use_window": True}
TEN_DAYS_BEFORE = {"timing": "field", "delay_value": 10, "date_side": "before"}


def values(studio: Studio) -> dict[str, dict]:
    """Return the values of one action per kind."""
    return {**_messages(studio), **_contact(studio), **_flow(studio), **_sales(studio)}


def later(number: int, unit: str = "days") -> dict:
    """Return the timing of an action that waits."""
    return {"timing": "delay", "delay_value": number, "delay_unit": unit}


def _messages(studio: Studio) -> dict[str, dict]:
    sms = studio.mailing(
        "Garden party reminder",
        mailing_type="sms",
        body_plaintext=f"Tomorrow at 6 pm: our garden party. {OFFER}",
    )
    mail_template = studio.one(
        "mail.template",
        name="A contact is interested in spring",
        model_id=studio.partner_model,
        subject="{{ object.name }} is interested",
        body_html="<p>Please call them this week.</p>",
    )
    return {
        "email": {
            "mailing_id": studio.mailing("Still time for spring"),
            **later(3),
            **WORKING_HOURS,
        },
        "email_to_staff": {
            "staff_recipient": "salesperson",
            "staff_template_id": mail_template,
        },
        "sms": {"mailing_id": sms, **later(1), **WORKING_HOURS, "hour_to": 20.0},
        "webhook": {
            "webhook_url": "https://hooks.example.com/spring/interested",
            "webhook_headers": "X-Shop: garden",
            "webhook_secret": "ba6a7c5f3e2d41908f7e",
        },
    }


def _contact(studio: Studio) -> dict[str, dict]:
    tags = [
        studio.one("res.partner.category", name=name, color=color)
        for name, color in (("Gardener", 10), ("Spring 2027", 4))
    ]
    newsletter = studio.one("mailing.list", name="Garden newsletter")
    group = studio.one("flow.point.group", name="Interest in plants")
    industry = studio.field("industry_id")
    [retail] = studio.admin.search("res.partner.industry", [("name", "=", "Wholesale/Retail")])
    carlo, elena = studio.colleague("Carlo Conti"), studio.colleague("Elena Ricci")
    paolo = studio.colleague("Paolo Greco")
    return {
        "subscription": {"mailing_list_id": newsletter},
        "do_not_contact": {"blacklist_reason": "Has not read our emails for a year", **later(30)},
        "tag": {"contact_tag_ids": [(6, 0, tags)]},
        "note": {"note_body": "<p>Got our invitation to the garden party.</p>"},
        "points": {
            "points_amount": 20,
            "points_group_id": group,
            "points_reason": "Looked at the spring collection",
        },
        "field": {
            "field_id": industry,
            "field_record_id": retail,
            "field_value": "Wholesale/Retail",
        },
        "activity": {
            "activity_summary": "Call and offer a visit",
            "activity_for": "turns",
            "activity_user_ids": [(6, 0, [carlo, elena])],
            "activity_days": 2,
            "activity_type_id": studio.admin.ref("mail.mail_activity_data_call"),
            "activity_note": "<p>Looked at the roses twice.</p>",
        },
        "assign": {
            "assign_to": "country",
            "assign_user_id": paolo,
            "assignment_ids": [
                (0, 0, {"country_id": studio.country("IT"), "user_id": carlo}),
                (0, 0, {"country_id": studio.country("FR"), "user_id": elena}),
            ],
        },
        "response": {
            "response_kind": "visit",
            "response_text": "Was at the garden party",
            "response_value": 2,
        },
    }


def _flow(studio: Studio) -> dict[str, dict]:
    server_action = studio.one(
        "ir.actions.server",
        name="Order a printed catalogue",
        model_id=studio.partner_model,
        state="object_write",
        flow_released=True,
    )
    return {
        "wait": {**later(2), **WORKING_HOURS},
        "move": {"move_state_id": studio.reminded, **later(14)},
        "other_campaign": {
            "other_campaign_id": studio.one("flow.campaign", name="Loyal customers")
        },
        "server_action": {"server_action_id": server_action},
    }


def _sales(studio: Studio) -> dict[str, dict]:
    carlo = studio.colleague("Carlo Conti")
    team = studio.one("crm.team", name="Private Gardens")
    tag = studio.one("crm.tag", name="Spring 2027")
    qualified = studio.one("crm.stage", name="Qualified")
    lost = studio.one("crm.lost.reason", name="No answer")
    quotation = studio.one("sale.order.template", name="Garden starter set")
    program = studio.one(
        "loyalty.program",
        name="10 % off in spring",
        program_type="coupons",
        applies_on="current",
    )
    return {
        "lead_create": {
            "lead_name": "{contact} likes our roses",
            "lead_team_id": team,
            "lead_salesperson": "fixed",
            "lead_user_id": carlo,
            "lead_priority": "2",
            "lead_tag_ids": [(6, 0, [tag])],
            "lead_description": "Followed the link to the spring collection.",
        },
        "lead_update": {
            "lead_missing": "skip",
            "lead_stage_id": qualified,
            "lead_salesperson": "contact",
            "lead_priority": "3",
        },
        "lead_close": {
            "lead_outcome": "lost",
            "lead_lost_reason_id": lost,
            **later(30),
        },
        "quotation": {
            "quotation_template_id": quotation,
            "quotation_salesperson": "contact",
            "quotation_days": 14,
        },
        "coupon": {"coupon_program_id": program, "coupon_points": 1, "coupon_days": 30},
    }
