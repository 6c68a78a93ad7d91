"""Visitors of websites: who they are, as far as we know, and what they did there."""

from odoo import api, fields, models
from odoo.tools import SQL, email_normalize

from ..engine import database_clock, settings, signature, visits, web_address

# Deleted at a time, so that a clean-up is no long transaction.
BATCH = 20_000

WHO_GOT_STEP = """
    SELECT p.partner_id, c.target_model AS model, p.res_id, p.email_key AS email, c.company_id
      FROM flow_step s
      JOIN flow_participant p ON p.id = s.participant_id
      JOIN flow_campaign c ON c.id = p.campaign_id
     WHERE s.id = %s
"""

ONE_FORM_PER_ADDRESS = "SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))"


class FlowVisitor(models.Model):
    _name = "flow.visitor"
    _description = "Website Visitor"
    _log_access = False  # many rows, written by the tracker, with moments of their own
    _order = "last_seen_at desc, id desc"
    _rec_name = "email"

    key = fields.Char(
        readonly=True,
        groups="base.group_system",
        help="What the browser calls itself. Empty: it has become somebody else's.",
    )
    recognised_by = fields.Selection(
        [("link", "Link of an email"), ("form", "Form"), ("login", "Login")], readonly=True
    )
    partner_id = fields.Many2one(
        "res.partner", string="Contact", ondelete="set null", index="btree_not_null", readonly=True
    )
    model = fields.Char(string="Kind of contact", readonly=True)
    res_id = fields.Many2oneReference(string="Contact ID", model_field="model", readonly=True)
    email = fields.Char(readonly=True)
    company_id = fields.Many2one(
        "res.company",
        ondelete="cascade",
        readonly=True,
        help="Whose campaign, or whose contact, it is; other companies do not see it.",
    )
    visit = fields.Integer(
        string="Visits", readonly=True, help="A pause of 30 minutes ends a visit."
    )
    first_seen_at = fields.Datetime(string="First seen", required=True, readonly=True)
    last_seen_at = fields.Datetime(string="Last seen", required=True, readonly=True, index=True)
    page_view_ids = fields.One2many("flow.page.view", "visitor_id", string="Page views")
    event_ids = fields.One2many("flow.visitor.event", "visitor_id", string="What they did")

    # A browser is one visitor at a time.
    _one_per_browser = models.UniqueIndex("(key)")

    @api.depends("partner_id", "email")
    def _compute_display_name(self):
        for visitor in self:
            visitor.display_name = (
                visitor.partner_id.display_name
                or visitor.email
                or self.env._("Visitor %s", visitor.id)
            )

    # -- what the tracker tells --------------------------------------------------------------

    @api.model
    def _take(self, report, may_create=True):
        """Write down what a browser tells, and let it move campaigns where we know who it is.

        A report that comes again changes nothing.

        :param report: an `engine.visit_report.Report`
        :param may_create: whether somebody unknown may become a contact
        """
        now = database_clock.now(self.env)
        visitor, is_recognised = visits.seen_at(self.env, report.visitor, now), False
        found = (self._contact_of_token(report.token), self._contact_of_form(report, may_create))
        for contact in found:
            if contact:
                visitor, fresh = visits.recognise(self.env, visitor, contact, report.visitor, now)
                is_recognised = is_recognised or fresh
        told, earlier = visits.see(self.env, visitor, report, now), None
        if is_recognised:
            told, earlier = visits.history(self.env, visitor)
        if visitor.contact.recognised_by:
            self.env["flow.event"]._record_together(told, earlier)
        for model in ("flow.visitor", "flow.page.view", "flow.visitor.event"):
            self.env[model].invalidate_model()

    @api.model
    def _recognise(self, key, contact):
        """Write down who uses the browser `key`, for example after a form of ours.

        What it did before becomes events of the contact.

        :param key: what the browser calls itself; see `engine.visit_report.KEY`
        :param contact: an `engine.visits.Contact`
        """
        now = database_clock.now(self.env)
        visitor = visits.seen_at(self.env, key, now)
        visitor, fresh = visits.recognise(self.env, visitor, contact, key, now)
        if fresh:
            self.env["flow.event"]._record_together(*visits.history(self.env, visitor))
        self.invalidate_model()

    def _contact_of_token(self, token):
        """Return whom a token of ours names, as long as there is such a contact."""
        found = signature.visitor(self.env, token) if token else None
        if not found:
            return None
        how, number = found
        if how == "login":
            partner = self.env["res.partner"].browse(number).exists()
            return self._contact_of_partner(partner, how) if partner else None
        rows = self.env.execute_query_dict(SQL(WHO_GOT_STEP, number))
        if not rows:
            return None
        [row] = rows
        if not self.env[row["model"]].browse(row["res_id"]).exists():
            return None
        if row["model"] == "res.partner":
            row.update(partner_id=row["res_id"], model=None, res_id=None)
        return visits.Contact(how, **row)

    def _contact_of_partner(self, partner, how, company=None):
        """Return a contact as visitors are known by it.

        :param how: see `recognised_by`
        :param company: the company whose site it is, where that is known
        """
        return visits.Contact(
            how,
            partner_id=partner.id,
            email=email_normalize(partner.email) or None,
            company_id=(company or partner.company_id).id or None,
        )

    def _contact_of_form(self, report, may_create):
        """Return who filled in a form that a report tells of."""
        for happening in report.happenings:
            if email_normalize(happening.email):
                return self._contact_with(
                    happening.email, happening.name, happening.phone, may_create
                )
        return None

    def _contact_with(self, email, name, phone, may_create=True, company=None):
        """Return who filled in a form with an address; a new contact where that is wanted.

        A contact that is there is never changed. Forms with the same address come one after the
        other, so that nobody becomes two contacts.

        :return: an `engine.visits.Contact`; None where it is no address
        """
        email = email_normalize(email)
        if not email:
            return None
        self.env.cr.execute(SQL(ONE_FORM_PER_ADDRESS, f"flow.visitor {email}"))
        partner = self._partner_with(email)
        if not partner and may_create and settings.NEW_CONTACTS.value(self.env):
            partner = self.env["res.partner"].create(
                {"name": name or email, "email": email, "phone": phone or False}
            )
        if partner:
            return self._contact_of_partner(partner, "form", company)
        return visits.Contact("form", email=email, company_id=company.id if company else None)

    def _partner_with(self, email):
        """Return the contact with a normalised address, rather one that is not archived."""
        everybody = self.env["res.partner"].with_context(active_test=False)
        domain = [("email_normalized", "=", email)]
        return everybody.search(domain, order="active desc, id", limit=1)

    # -- which sites -------------------------------------------------------------------------

    @api.model
    def _is_site(self, url, request_host=""):
        """Return whether a page belongs to a site that may tell us something, and that our links
        tell who follows them.

        :param url: an address; of other sites only those listed in Settings
        :param request_host: the host that is asked right now, which is ours
        """
        host = web_address.host(url)
        # sudo: system parameters are readable for administrators only; this is a list of hosts
        parameters = self.env["ir.config_parameter"].sudo()
        return bool(host) and (
            host == request_host.lower()
            or host in self._own_hosts()
            or web_address.listed(host, parameters.get_param(settings.SITES_PARAMETER) or "")
        )

    @api.model
    def _own_hosts(self):
        """Return the hosts at which this Odoo has pages for everybody."""
        # sudo: system parameters are readable for administrators only; the address is public
        base_url = self.env["ir.config_parameter"].sudo().get_param("web.base.url")
        return {web_address.host(base_url or "")} - {""}

    # -- what is forgotten -------------------------------------------------------------------

    @api.model
    def _forget_contacts(self, contacts):
        """Forget who visitors are whose contacts are deleted; they go on as strangers."""
        if contacts._name == "res.partner":
            domain = [("partner_id", "in", contacts.ids)]
        else:
            domain = [("model", "=", contacts._name), ("res_id", "in", contacts.ids)]
        # sudo: whoever may delete a contact need not see visitors
        self.sudo().search(domain).write(
            {
                "key": False,
                "recognised_by": False,
                "partner_id": False,
                "model": False,
                "res_id": False,
                "email": False,
            }
        )

    @api.autovacuum
    def _gc_visits(self):
        """Forget page views, and visitors who were not seen, for longer than Settings say."""
        now = database_clock.now(self.env)
        before = now - settings.KEEP_VIEWS.value(self.env)
        count = visits.forget(self.env, before, BATCH)
        for model in ("flow.visitor", "flow.page.view", "flow.visitor.event"):
            self.env[model].invalidate_model()
        return count, int(count >= BATCH)
