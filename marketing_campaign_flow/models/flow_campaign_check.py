"""The check of a campaign before its launch: what is to be mended, and where."""

from odoo import models

# Parts are mended in a dialog over the check, everything else in a page of its own.
PART_FORMS = {
    "flow.state": "marketing_campaign_flow.flow_state_view_form",
    "flow.transition": "marketing_campaign_flow.flow_transition_view_form",
    "flow.action": "marketing_campaign_flow.flow_action_view_form",
    "flow.entry": "marketing_campaign_flow.flow_entry_view_form",
}
PAGE_FORMS = {"mailing.mailing": "mass_mailing.view_mail_mass_mailing_form"}


class FlowCampaign(models.Model):
    _inherit = "flow.campaign"

    def action_check(self):
        """Open the list of what keeps the campaign from being launched, and what is hardly meant;
        the campaign is launched from there."""
        return {
            "type": "ir.actions.client",
            "tag": "flow_launch_check",
            "params": self.get_check(),
        }

    def get_check(self):
        """Return what there is to say before a launch, as plain values.

        :return: ``problems`` keep the campaign from being launched, ``warnings`` do not; each has
            its ``text``, the ``part`` (``state``, ``action`` or ``transition``), its ``key`` and
            the ``state_key`` that it is about, and a ``fix``: what a button beside it does.
            ``facts`` are sentences on who takes part, ``when`` is one on the first messages.
            ``message`` is all of it as text.
        """
        self.ensure_one()
        self.check_access("read")
        figures = self._count()
        problems = self._problems(figures)
        facts = [self._addressed_in_words(figures)] if self.audience_id and not problems else []
        facts += [self.env._("People come in: %s.", way.display_name) for way in self.entry_ids]
        when = [self._first_message_in_words()] if self.status == "draft" and not problems else []
        warnings = [*self._launch_hints(figures), *self.workflow_id._hints()]
        notes = problems or [*facts, *filter(None, when), *warnings]
        return {
            "campaign_id": self.id,
            "name": self.name,
            "is_draft": self.status == "draft",
            "problems": [self._found(one, "problem") for one in problems],
            "warnings": [self._found(one, "warning") for one in warnings],
            "facts": facts,
            "when": "".join(when),
            "is_by_audience": bool(self.audience_id),
            "type": "warning" if problems or warnings else "success",
            "title": self.env._("Not ready yet") if problems else self.env._("Ready to launch"),
            "message": "\n".join(notes),
        }

    def _launch_hints(self, figures):
        """Return what is hardly meant about the campaign around its workflow, as `Finding`s.

        :param figures: of the audience, as `_count` returns them
        """
        self.ensure_one()
        return []

    def _found(self, finding, severity):
        """Return a finding as plain values."""
        return {"text": str(finding), "severity": severity, **finding_part(finding)} | {
            "fix": self._fix(finding)
        }

    def _fix(self, finding):
        """Return what the button beside a finding does; None where this user can do nothing."""
        label = getattr(finding, "label", None) or self.env._("Fix")
        if action := getattr(finding, "action", None):
            return {"label": label, "action": self.env["ir.actions.actions"]._for_xml_id(action)}
        record = getattr(finding, "record", None)
        if not record or not record.has_access("read"):
            return None
        if finding.method:
            return {
                "label": label,
                "method": finding.method,
                "model": record._name,
                "id": record.id,
            }
        if record == self:
            return {"label": label, "page": finding.page, "field": finding.field}
        if record == self.workflow_id:
            return {"label": label, "page": "workflow", "field": None}
        return {"label": label, "action": self._form_of(record)}

    def _form_of(self, record):
        form = PART_FORMS.get(record._name) or PAGE_FORMS.get(record._name)
        return {
            "type": "ir.actions.act_window",
            "name": record.display_name,
            "res_model": record._name,
            "res_id": record.id,
            "views": [(form and self.env.ref(form).id, "form")],
            "target": "new" if record._name in PART_FORMS else "current",
            "context": {"flow_campaign_id": self.id},
        }


class FlowWorkflow(models.Model):
    _inherit = "flow.workflow"

    def get_findings(self):
        """Return what is wrong with this version or hardly meant, as `FlowCampaign.get_check` has
        it, without what a button would do."""
        self.ensure_one()
        self.check_access("read")
        found = [(one, "problem") for one in self._problems()]
        found += [(one, "warning") for one in self._hints()]
        return [
            {"text": str(one), "severity": severity, **finding_part(one)} for one, severity in found
        ]


def finding_part(finding):
    """Return which part of a workflow a finding is about, by keys."""
    part = getattr(finding, "part", None)
    return {
        "part": part and part._PART,
        "key": part and part.key,
        "state_key": (part and part._place().key) or None,
    }
