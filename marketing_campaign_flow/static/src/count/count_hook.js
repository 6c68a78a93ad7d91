import { useRecordObserver } from "@web/model/relational_model/utils";
import { useService } from "@web/core/utils/hooks";

import { status, useComponent, useState } from "@odoo/owl";

/**
 * Figures of the record of a field component whose field is `count_key`, asked for when the component
 * has been drawn and whenever the key is another one.
 *
 * @returns {{figures: Object|null, isCounting: boolean}}
 */
export function useCount() {
    const component = useComponent();
    const counter = useService("flow_count");
    const state = useState({ figures: null, isCounting: false });
    let asked;

    async function ask(record, key) {
        const isWanted = () => asked === key && status(component) !== "destroyed";
        state.isCounting = true;
        const figures = await counter.count(record, key, isWanted);
        if (isWanted()) {
            Object.assign(state, { figures, isCounting: false });
        }
    }

    useRecordObserver((record, props) => {
        const key = record.data[props.name];
        if (key && key !== asked) {
            asked = key;
            ask(props.record, key); // nobody waits for it
        }
    });
    return state;
}
