import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { useService } from "@web/core/utils/hooks";
import { useRecordObserver } from "@web/model/relational_model/utils";
import { CharField, charField } from "@web/views/fields/char/char_field";

import { useState } from "@odoo/owl";

/** A text field that offers the links of the email which the record names. */
export class LinkField extends CharField {
    static template = "marketing_campaign_flow.LinkField";

    setup() {
        super.setup();
        this.orm = useService("orm");
        this.offered = useState({ links: [] });
        let known = null;
        useRecordObserver(async (record) => {
            const action = record.data.event_action_id;
            const id = action ? action.id : false;
            if (id !== known) {
                known = id;
                this.offered.links = id
                    ? await this.orm.call("flow.action", "get_links", [[id]])
                    : [];
            }
        });
    }

    get listId() {
        return `flow_links_${this.props.id || this.props.name}`;
    }
}

registry.category("fields").add("flow_link", {
    ...charField,
    component: LinkField,
    displayName: _t("Link of an email"),
});
