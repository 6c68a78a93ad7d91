"""Tasks of somebody who publishes one version of a workflow after the other.

Whoever has been invited by email is reminded by email and then parked. Each version changes the
text of the invitation and replaces the state in which people are parked by another one.
"""

from odoo.service.model import retrying

from faults.tasks import MAIL, odoo_environment

RESTING = "resting"


def publish(registry, campaign_id: int, times: int, first: int = 0) -> None:
    """Publish so many versions of a campaign that `tasks.build_mail` has launched.

    :param first: how many this task has published before
    """
    for number in range(first, first + times):
        for work in (_begin_draft, _edit, _publish):
            with odoo_environment(registry) as env:
                campaign = env["flow.campaign"].browse(campaign_id)
                retrying(lambda work=work, of=campaign, n=number: work(of, n), env)


def _begin_draft(campaign, _number) -> None:
    campaign.action_edit_workflow()


def _edit(campaign, number) -> None:
    draft = campaign.draft_workflow_id
    states = {state.key: state for state in draft.state_ids}
    states[parked(number)] = _state(draft, parked(number))
    _transition(states[parked(number)], states["over"], "manual")
    if RESTING not in states:
        _remind(draft, states)
    states[RESTING].transition_ids.target_id = states[parked(number)]
    if number:
        states[parked(number - 1)].unlink()
    invitation = draft.action_ids.filtered(lambda action: action.key == "invite").mailing_id
    invitation.subject = f"For you, version {number}"


def _remind(draft, states) -> None:
    """Let those who were invited be reminded, as soon as they were invited."""
    states[RESTING] = _state(draft, RESTING)
    mailing = draft.action_ids.mailing_id.copy({"subject": "Still for you", "body_html": MAIL})
    draft.env["flow.action"].create(
        {
            "state_id": states[RESTING].id,
            "key": "remind",
            "kind": "email",
            "mailing_id": mailing.id,
        }
    )
    states["invited"].transition_ids.write({"trigger": "done", "target_id": states[RESTING].id})
    _transition(states[RESTING], states["over"], "done")


def _publish(campaign, number) -> None:
    running, draft = campaign.workflow_id, campaign.draft_workflow_id
    left, new = (
        workflow.state_ids.filtered(lambda state, key=key: state.key == key)
        for workflow, key in ((running, parked(number - 1)), (draft, parked(number)))
    )
    campaign._publish_draft({left.id: new.id} if left else {})


def parked(number: int) -> str:
    """Return the key of the state in which version `number` parks people."""
    return f"parked{number}"


def _state(draft, key):
    return draft.env["flow.state"].create(
        {"workflow_id": draft.id, "name": key, "kind": "normal", "key": key}
    )


def _transition(source, target, trigger) -> None:
    source.env["flow.transition"].create(
        {
            "workflow_id": source.workflow_id.id,
            "state_id": source.id,
            "target_id": target.id,
            "trigger": trigger,
        }
    )
