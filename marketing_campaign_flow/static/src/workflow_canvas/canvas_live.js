import { onWillDestroy, status } from "@odoo/owl";

import { browser } from "@web/core/browser/browser";

import { AGAIN, useLive } from "../monitor/monitor_hook";

/**
 * Keeps the figures of a launched campaign up to date by themselves, as on the monitor. Whoever
 * drags or types is not disturbed: the figures come when that is over.
 *
 * @param {Object} canvas the component
 * @returns {{begin: () => void}} to be called when the picture has been read
 */
export function useLiveFigures(canvas) {
    const { model } = canvas;
    let waiting;

    async function refresh() {
        browser.clearTimeout(waiting);
        if (!model.canvas.running || status(canvas) === "destroyed") {
            return;
        }
        if (canvas.isBusy) {
            waiting = browser.setTimeout(refresh, AGAIN);
            return;
        }
        // A server that is away for a moment is no reason to disturb anybody.
        await model.readFigures(() => !canvas.isBusy).catch(() => {});
    }

    const live = useLive(refresh);
    onWillDestroy(() => browser.clearTimeout(waiting));

    function begin() {
        if (model.canvas.running) {
            live.listen([model.canvas.campaign_id]);
            live.looked();
        }
    }
    return { begin };
}
