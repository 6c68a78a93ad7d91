import { Component } from "@odoo/owl";

import { Dialog } from "@web/core/dialog/dialog";
import { _t } from "@web/core/l10n/translation";

/** What the keyboard does in the picture. */
export class KeysHelp extends Component {
    static template = "marketing_campaign_flow.KeysHelp";
    static components = { Dialog };
    static props = { close: Function, editable: Boolean };

    get keys() {
        const look = [
            ["← → ↑ ↓", _t("Go to the next state")],
            ["Tab", _t("Go through the actions and ways out of a state")],
            ["Enter", _t("Open what is selected")],
            ["+  −  0", _t("Zoom in, zoom out, show everything")],
            [_t("Space and mouse"), _t("Move the picture")],
            ["Ctrl C", _t("Copy; paste it here or in another workflow")],
            ["Esc", _t("Close, or let go")],
        ];
        const edit = [
            ["N", _t("Add a state behind this one")],
            ["A", _t("Add an action")],
            ["C", _t("Draw an arrow: go to another state and press Enter")],
            ["F2", _t("Rename")],
            [_t("Delete"), _t("Take away what is selected")],
            ["Alt ← → ↑ ↓", _t("Move the state, or change the order of rows")],
            ["Ctrl V", _t("Paste")],
            ["Ctrl D", _t("Duplicate")],
            ["Ctrl Z, Ctrl Y", _t("Undo, do it again")],
        ];
        return this.props.editable ? [...look, ...edit] : look;
    }
}
