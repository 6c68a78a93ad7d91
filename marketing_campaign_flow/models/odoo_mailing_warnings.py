"""What is probably wrong with an email, said before anybody gets it."""

from dataclasses import dataclass

from lxml import html
from odoo import api, models, tools
from odoo.addons.base.models.ir_qweb import QWebError
from odoo.exceptions import AccessError, UserError
from odoo.fields import Domain
from odoo.tools import is_html_empty
from odoo.tools.rendering_tools import parse_inline_template

from ..engine import letter_check
from .finding import about

# What is rendered like a subject, and the body.
LINES = ("subject", "preview", "email_from", "reply_to")


@dataclass(frozen=True)
class LetterWarning:
    """A sentence about an email.

    :param text: for the people who write it
    :param contacts: the domain of those it is about, in the audience; None where it is about all
    """

    text: str
    contacts: Domain | None = None


class MailingMailing(models.Model):
    _inherit = "mailing.mailing"

    def _flow_warnings(self):
        """Return what is probably wrong with this email, as `LetterWarning`s.

        Other addons and other kinds of content add theirs. The number of statements depends on
        the text, not on how many people are in the audience.
        """
        self.ensure_one()
        warnings = [LetterWarning(self._flow_in_words(one)) for one in self._flow_findings()]
        return warnings + self._flow_empty_placeholders()

    def _flow_findings(self):
        findings = letter_check.findings(self.subject, self.body_html)
        shown = letter_check.attachments(self.body_html)
        # sudo: only whether they exist
        missing = shown - set(self.env["ir.attachment"].sudo().browse(shown).exists().ids)
        return findings + [letter_check.Finding("file_missing", str(one)) for one in missing]

    def _flow_in_words(self, finding):
        words = {
            "subject_empty": self.env._("The subject is empty."),
            "subject_long": self.env._(
                "The subject has %s characters: most mail programs show fewer."
            ),
            "body_empty": self.env._("The email is empty."),
            "only_images": self.env._(
                "The email is nothing but pictures: who does not load them sees nothing, and its"
                " text-only part is empty."
            ),
            "placeholder_text": self.env._(
                "“%s” is no placeholder here and goes out as it is: use the placeholder button."
            ),
            "no_unsubscribe": self.env._("The email has no link to unsubscribe."),
            "link_unfinished": self.env._("The link “%s” leads nowhere yet."),
            "link_broken": self.env._("The link “%s” is no complete address."),
            "link_local": self.env._("Only your own network can reach the link “%s”."),
            "image_unfinished": self.env._("The picture “%s” has no address yet."),
            "image_broken": self.env._("The picture “%s” has no complete address."),
            "image_local": self.env._("Only your own network can reach the picture “%s”."),
            "image_without_words": self.env._(
                "The picture “%s” has no description for those who do not see it."
            ),
            "file_missing": self.env._("A picture or file that the email shows is gone (no. %s)."),
        }
        sentence = words[finding.code]
        return sentence % finding.about if finding.about and "%s" in sentence else sentence

    def _flow_empty_placeholders(self):
        """Return a warning for each placeholder that is empty for some of the audience.

        Only for those that are plain fields, and have no default: one count each.
        """
        reader = self._flow_as_reader()
        contacts = reader.env[self.mailing_model_real]
        audience = reader._flow_audience_domain()
        readers = self._flow_readers_domain()
        warnings = [
            self._flow_empty_placeholder(contacts, audience, readers, placeholder)
            for placeholder in self._flow_placeholders()
            if placeholder.path and _exists(contacts, placeholder.path)
        ]
        return [warning for warning in warnings if warning]

    def _flow_readers_domain(self):
        """Return the domain of those among the audience who get this text and no other."""
        return Domain.TRUE

    def _flow_empty_placeholder(self, contacts, audience, readers, placeholder):
        label = _label(contacts, placeholder.path)
        try:
            _check_may_read(contacts, placeholder.path)
            if placeholder.has_default or not _can_be_searched(contacts, placeholder.path):
                return None
            domain = _is_empty(placeholder.path) & readers
            count = contacts.search_count(audience & domain)
        except AccessError:
            text = self.env._(
                "%(who)s may not read “%(placeholder)s”: nobody would get the email.",
                who=contacts.env.user.name,
                placeholder=label,
            )
            return LetterWarning(text)
        if count == 1:
            text = self.env._("“%s” is empty for one contact and has no default.", label)
        else:
            text = self.env._(
                "“%(placeholder)s” is empty for %(count)s contacts and has no default.",
                placeholder=label,
                count=count,
            )
        return LetterWarning(text, domain) if count else None

    def _flow_title(self):
        """Return the subject, and which version of the email it is, where there are several."""
        self.ensure_one()
        return ", ".join(filter(None, (self._flow_subject_in_words(), self.flow_written_as)))

    def _flow_subject_in_words(self):
        """Return the subject as people read it, such as “News for [City]”."""
        subject = self.subject or ""
        if "{{" not in subject:
            return subject
        contacts = self.env[self.mailing_model_real]
        words = ""
        for text, expression, _default in parse_inline_template(subject):
            [found] = letter_check.placeholders([f"{{{{ {expression} }}}}"], "") or [None]
            label = _label(contacts, found.path) if found and found.path else "…"
            words += text + (f"[{label}]" if expression else "")
        return words

    def _flow_placeholders(self):
        return letter_check.placeholders([self[name] for name in LINES], self.body_html)

    def _flow_problems(self):
        """Return what keeps the email from being sent by itself, as sentences."""
        return [
            *self._flow_emptiness(),
            *self._flow_template_problems(),
            *self._flow_block_problems(),
        ]

    def _flow_emptiness(self):
        if not is_html_empty(self.body_html):
            return []
        return [self.env._("The email “%s” is empty.", self._flow_title())]

    def _flow_template_problems(self):
        """Return why the email cannot be written to anybody, as sentences."""
        self.ensure_one()
        problems = [
            self.env._(
                "The email “%(email)s” has a placeholder that does not exist: %(placeholder)s",
                email=self._flow_title(),
                placeholder=one.source,
            )
            for one in self._flow_placeholders()
            if one.path and not _exists(self.env[self.mailing_model_real], one.path)
        ]
        if error := self._flow_syntax_error():
            problems.append(
                self.env._(
                    "The email “%(email)s” cannot be understood: %(error)s",
                    email=self._flow_title(),
                    error=error,
                )
            )
        return problems

    def _flow_syntax_error(self):
        """Return what keeps the templates of the email from being read; nothing is evaluated."""
        try:
            for name in LINES:
                for _text, expression, _default in parse_inline_template(str(self[name] or "")):
                    compile(expression.strip() or "None", name, "eval")
        except Exception as error:
            return f"{type(error).__name__}: {error}"
        return self._flow_body_error(str(self.body_html)) if self.body_html else ""

    @api.model
    @tools.ormcache("hash(body)")
    def _flow_body_error(self, body):
        """Return what keeps a body from being read; it is asked for each time a picture of the
        workflow is drawn."""
        try:
            template = html.fragment_fromstring(body, create_parent="div")
            self.env["ir.qweb"]._generate_code(template)
        except QWebError as error:
            return str(error.__cause__ or error)
        except Exception as error:  # a directive without what it needs breaks Odoo in many ways
            return f"{type(error).__name__}: {error}"
        return ""


class FlowAction(models.Model):
    _inherit = "flow.action"

    def _problems(self):
        problems = super()._problems()
        if self.kind == "email":
            for email in self._emails():
                problems += about(email, email._flow_template_problems())
        return problems

    def action_preview_email(self):
        """Open the email of this action as its contacts get it."""
        self.ensure_one()
        if not self.mailing_id:
            raise UserError(self.env._("Write the email first."))
        return self.mailing_id.action_flow_preview()


class FlowWorkflow(models.Model):
    _inherit = "flow.workflow"

    def _hints(self):
        """Also say what is probably wrong with the emails."""
        hints = super()._hints()
        for action in self._planned_actions().filtered(lambda one: one.kind == "email"):
            for mailing in action._emails():
                title = mailing._flow_title()
                texts = [f"“{title}”: {one.text}" for one in mailing._flow_warnings()]
                hints += about(action, about(mailing, texts))
        return hints


def _fields_of(contacts, path):
    """Return the field of each step of a path, as far as they exist."""
    found = []
    for name in path:
        field = contacts._fields.get(name) if contacts is not None else None
        if field is None:
            break
        found.append(field)
        contacts = contacts.env[field.comodel_name] if field.relational else None
    return found


def _exists(contacts, path) -> bool:
    """Return whether a path can be followed, by fields or by what else a record has."""
    found = _fields_of(contacts, path)
    if len(found) == len(path):
        return True
    if found and not found[-1].relational:
        return True  # of a value, such as the year of a date
    model = contacts.env[found[-1].comodel_name] if found else contacts
    return hasattr(type(model), path[len(found)])


def _check_may_read(contacts, path) -> None:
    """Refuse a path of which the user may not read a step.

    :raises AccessError: then
    """
    for field in _fields_of(contacts, path):
        contacts.check_access("read")
        contacts._check_field_access(field, "read")
        contacts = contacts.env[field.comodel_name] if field.relational else contacts


def _is_empty(path) -> Domain:
    """Return the domain of those where nothing stands at the end of a path, or on the way."""
    steps = range(1, len(path) + 1)
    return Domain.OR(Domain(".".join(path[:step]), "=", False) for step in steps)


def _can_be_searched(contacts, path) -> bool:
    found = _fields_of(contacts, path)
    # Numbers are never empty; 0 is a value.
    return (
        len(found) == len(path)
        and all(field._description_searchable for field in found)
        and found[-1].type not in ("integer", "float", "monetary", "boolean")
    )


def _label(contacts, path) -> str:
    model, labels = contacts, []
    for field in _fields_of(contacts, path):
        labels.append(field._description_string(contacts.env))
        model = contacts.env[field.comodel_name] if field.relational else model
    return " › ".join(labels)
