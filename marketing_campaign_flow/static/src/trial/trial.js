import { DateTimeInput } from "@web/core/datetime/datetime_input";
import { Dropdown } from "@web/core/dropdown/dropdown";
import { DropdownItem } from "@web/core/dropdown/dropdown_item";
import { serializeDateTime } from "@web/core/l10n/dates";
import { RecordSelector } from "@web/core/record_selectors/record_selector";
import { registry } from "@web/core/registry";
import { useService } from "@web/core/utils/hooks";
import { Layout } from "@web/search/layout";
import { standardActionServiceProps } from "@web/webclient/actions/action_service";

import { Component, onWillStart, useState } from "@odoo/owl";

import { TrialModel } from "./trial_model";

/** One contact walks through a campaign: what happens on the left, the messages on the right. */
export class Trial extends Component {
    static template = "marketing_campaign_flow.Trial";
    static components = { DateTimeInput, Dropdown, DropdownItem, Layout, RecordSelector };
    static props = { ...standardActionServiceProps };

    setup() {
        this.orm = useService("orm");
        this.display = { controlPanel: {} };
        this.campaignId = this.props.action.context.active_id;
        this.model = useState(
            new TrialModel((contactId, orders, beganAt, number) =>
                this.orm.call("flow.campaign", "get_trial", [[this.campaignId]], {
                    contact_id: contactId,
                    orders,
                    began_at: beganAt,
                    number,
                })
            )
        );
        this.state = useState({ letter: null, moment: false });
        onWillStart(async () => {
            if (!this.campaignId) {
                return; // a bookmark of the page alone
            }
            const call = this.orm.call("flow.campaign", "get_trial_contact", [[this.campaignId]]);
            const { model, id } = await call;
            this.contactModel = model;
            await this.model.begin(id);
        });
    }

    get answer() {
        return this.model.answer;
    }

    get letters() {
        return this.answer?.letters || [];
    }

    /** The place of the letter that is shown: the newest unless another one was chosen. */
    get place() {
        const { letter } = this.state;
        return letter !== null && letter < this.letters.length ? letter : this.letters.length - 1;
    }

    get letter() {
        return this.letters[this.place];
    }

    get canAct() {
        return !this.model.isBusy && Boolean(this.answer) && this.answer.lines.length > 0;
    }

    get hasEnded() {
        return this.answer?.status === "ended";
    }

    isLater(line) {
        return ["scheduled", "waits"].includes(line.kind);
    }

    async choose(contactId) {
        this.state.letter = null;
        await this.model.begin(contactId);
    }

    async give(order) {
        this.state.letter = null;
        await this.model.give(order);
    }

    react(kind, url) {
        return this.give({ do: "react", kind, url, letter: this.place });
    }

    async moveClock() {
        if (this.state.moment) {
            await this.give({ do: "until", at: serializeDateTime(this.state.moment) });
            this.state.moment = false;
        }
    }

    async takeBack() {
        this.state.letter = null;
        await this.model.takeBack();
    }
}

registry.category("actions").add("flow_trial", Trial);
