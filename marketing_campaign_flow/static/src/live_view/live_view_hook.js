import { browser } from "@web/core/browser/browser";
import { useService } from "@web/core/utils/hooks";

import { onWillDestroy, status, useComponent, useEffect } from "@odoo/owl";

import { AGAIN, useLive } from "../monitor/monitor_hook";

// What somebody has open or is about to do would be taken out of their hands by a fresh view.
const AT_WORK = ".modal, .o-dropdown--menu, .o_dragged, .o_flow_panel";
const TYPING = "input, textarea, select, [contenteditable=true]";

/**
 * Loads a view of Odoo again when something happens in the campaigns that it shows. Whoever drags,
 * types, or has a menu or a dialog open is not disturbed: it is loaded when that is over.
 *
 * @param {Object} view
 * @param {() => number[]} view.campaignIds none: nothing is followed
 * @param {() => boolean | Promise<boolean>} view.isBusy whether the view itself has to be left alone
 * @param {() => Promise<any>} view.load
 */
export function useLiveView({ campaignIds, isBusy, load }) {
    const component = useComponent();
    const orm = useService("orm");
    let followed = [];
    let waiting;

    const isGone = () => status(component) === "destroyed";

    async function isLeftAlone() {
        const isAtWork =
            document.querySelector(AT_WORK) || document.activeElement?.matches(TYPING);
        return Boolean(isAtWork) || (await isBusy());
    }

    async function refresh() {
        browser.clearTimeout(waiting);
        if (isGone() || !followed.length) {
            return;
        }
        if (await isLeftAlone()) {
            waiting = browser.setTimeout(refresh, AGAIN);
            return;
        }
        // A server that is away for a moment is no reason to disturb anybody.
        await Promise.all([watch(), load()]).catch(() => {});
    }

    /** Who watches is forgotten after a while, so this is said with each look. */
    function watch() {
        return orm.silent.call("flow.campaign", "watch", [followed]);
    }

    const live = useLive(refresh);

    async function follow(ids) {
        followed = ids;
        if (ids.length) {
            live.listen(ids);
            await watch().catch(() => {});
            live.looked();
        }
    }

    useEffect(
        () => {
            follow(campaignIds());
        },
        () => [campaignIds().join()]
    );
    onWillDestroy(() => browser.clearTimeout(waiting));
}
