import { browser } from "@web/core/browser/browser";
import { useService } from "@web/core/utils/hooks";

import { onWillUnmount, useExternalListener, useState } from "@odoo/owl";

const TYPE = "flow.monitor";

// The server tells of a campaign at most every two seconds: what comes in between is seen by a
// look when that time is over.
export const AGAIN = 2300;
// The server forgets who has not looked for ten minutes.
export const KEEP_WATCHING = 240000;

/**
 * Calls `refresh` when something happened in the campaigns that are listened to: at once, and once
 * more a moment later. A page that is hidden asks for nothing; it catches up when it is seen again.
 *
 * @param {() => Promise<any>} refresh
 * @returns {{listen: (campaignIds: number[]) => void, looked: () => void, monitoring: Object}}
 */
export function useLive(refresh) {
    const bus = useService("bus_service");
    const monitoring = useState(useService("bus.monitoring_service"));
    let channels = [];
    let watched = [];
    let timer;

    const isHidden = () => document.visibilityState === "hidden";

    function later(delay, then) {
        browser.clearTimeout(timer);
        timer = browser.setTimeout(async () => {
            await refresh();
            then();
        }, delay);
    }

    /** To be called when the figures were read: looks once more, then now and then. */
    function looked() {
        if (!isHidden()) {
            later(AGAIN, keepWatching);
        }
    }

    function keepWatching() {
        if (!isHidden()) {
            later(KEEP_WATCHING, keepWatching);
        }
    }

    async function catchUp() {
        if (isHidden()) {
            browser.clearTimeout(timer);
        } else {
            await refresh();
            looked();
        }
    }

    function onNews({ campaign_id: campaignId }) {
        const isMeant = watched.length ? watched.includes(campaignId) : !campaignId;
        if (isMeant) {
            catchUp();
        }
    }

    function listen(campaignIds) {
        const wanted = campaignIds.length ? campaignIds.map((id) => `${TYPE}_${id}`) : [TYPE];
        channels.filter((name) => !wanted.includes(name)).forEach(bus.deleteChannel);
        wanted.filter((name) => !channels.includes(name)).forEach(bus.addChannel);
        channels = wanted;
        watched = campaignIds;
    }

    bus.subscribe(TYPE, onNews);
    bus.addEventListener("BUS:RECONNECT", catchUp);
    useExternalListener(document, "visibilitychange", catchUp);
    onWillUnmount(() => {
        browser.clearTimeout(timer);
        channels.forEach(bus.deleteChannel);
        bus.unsubscribe(TYPE, onNews);
        bus.removeEventListener("BUS:RECONNECT", catchUp);
    });
    return { listen, looked, monitoring };
}
