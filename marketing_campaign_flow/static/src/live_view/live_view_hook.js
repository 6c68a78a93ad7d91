import { browser } from "@web/core/browser/browser";
import { useService } from "@web/core/utils/hooks";

import { onWillDestroy, status, useComponent, useEffect } from "@odoo/owl";

import { AGAIN, useLive } from "../monitor/monitor_hook";

// What somebody has open or is about to do would be taken out of their hands by a fresh view.
const AT_WORK = ".modal, .o-dropdown--menu, .o_dragged, .o_flow_panel";
const TYPING = "input, textarea, select, [contenteditable=true]";
// Odoo puts the cursor there when it opens a view; what is typed there no view takes away.
const SEARCH = ".o_searchview";

/** Whether somebody drags, types, or has a menu, a dialog or the side panel open. */
function isAtWork() {
    const focused = document.activeElement;
    const isTyping = focused?.matches(TYPING) && !focused.closest(SEARCH);
    return Boolean(document.querySelector(AT_WORK) || isTyping);
}

/**
 * Lets a view of Odoo follow the campaigns that it shows: it is read again when something happens
 * in them. Whoever is at work there is not disturbed; it is read when that is over.
 *
 * @param {Object} view
 * @param {() => number[]} view.campaignIds none: nothing is followed
 * @param {(isAtWork: () => boolean) => Promise<boolean>} view.read reads and shows what is new,
 *  unless somebody has begun to work meanwhile; whether it has shown it
 */
export function useLiveView({ campaignIds, read }) {
    const component = useComponent();
    const orm = useService("orm");
    let followed = [];
    let waiting;

    async function refresh() {
        browser.clearTimeout(waiting);
        if (status(component) === "destroyed" || !followed.length) {
            return;
        }
        if (isAtWork() || !(await readAndWatch())) {
            waiting = browser.setTimeout(refresh, AGAIN);
        }
    }

    /** A server that is away for a moment is no reason to disturb anybody. */
    async function readAndWatch() {
        const [isShown] = await Promise.all([read(isAtWork), watch()]).catch(() => [true]);
        return isShown;
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
