import { ConfirmationDialog } from "@web/core/confirmation_dialog/confirmation_dialog";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { useService } from "@web/core/utils/hooks";
import { standardFieldProps } from "@web/views/fields/standard_field_props";
import { byDay } from "./by_day";

import { Component } from "@odoo/owl";

const COLORS = { failed: "text-bg-danger", uncertain: "text-bg-warning", done: "text-bg-success" };

/** Everything that happened to a participant, day by day, and what comes next. */
export class ParticipantTimeline extends Component {
    static template = "marketing_campaign_flow.ParticipantTimeline";
    static props = { ...standardFieldProps };

    setup() {
        this.action = useService("action");
        this.dialog = useService("dialog");
    }

    get parts() {
        return byDay(this.props.record.data[this.props.name] || []);
    }

    color(entry) {
        return COLORS[entry.kind] || (entry.kind === "ended" ? "text-bg-primary" : "bg-200");
    }

    isMain(entry) {
        return ["entered", "held", "waits", "ended"].includes(entry.kind);
    }

    /** What a person can do about a line. */
    buttons(entry) {
        const runNow = { method: "action_run_now", icon: "fa-play", title: _t("Run now") };
        const retry = { method: "action_retry", icon: "fa-repeat", title: _t("Try again") };
        const skip = {
            method: "action_skip",
            icon: "fa-step-forward",
            title: _t("Leave out"),
            confirm: _t("The action is left out for this person, and the flow goes on."),
        };
        return { scheduled: [runNow, skip], failed: [retry, skip] }[entry.kind] || [];
    }

    readLetter(entry) {
        return this.decide(entry, "action_read_letter");
    }

    onButton(entry, button) {
        if (!button.confirm) {
            return this.decide(entry, button.method);
        }
        this.dialog.add(ConfirmationDialog, {
            body: button.confirm,
            confirmLabel: button.title,
            confirm: () => this.decide(entry, button.method),
            cancel: () => {},
        });
    }

    async decide(entry, method) {
        await this.action.doActionButton({
            type: "object",
            name: method,
            resModel: "flow.step",
            resId: entry.step_id,
            resIds: [entry.step_id],
            context: this.props.record.context,
            onClose: () => this.props.record.load(),
        });
    }
}

registry.category("fields").add("flow_participant_timeline", {
    component: ParticipantTimeline,
    displayName: _t("Timeline"),
    supportedTypes: ["json"],
});
