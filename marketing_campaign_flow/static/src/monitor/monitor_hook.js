import { browser } from "@web/core/browser/browser";
import { useService } from "@web/core/utils/hooks";

import { onWillDestroy, useExternalListener, useState } from "@odoo/owl";

const TYPE = "flow.monitor";

// The server tells of a campaign at most every two seconds: what comes in between is seen by a
// look when that time is over.
export const AGAIN = 2300;
// The server forgets who has not looked for ten minutes.
export const KEEP_WATCHING = 240000;

/**
 * Calls `refresh` when something happened in the campaigns that are listened to: at once, and once
 * more a moment later. However much happens there is one call at a time, and a pause after each. A
 * page that is hidden asks for nothing; it catches up when it is seen again.
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
    let isReading = false;
    let isSoon = false; // whether the next look comes AGAIN after the last one
    let isOwed = false; // whether there was news that one more look has to follow
    let isGone = false;

    const isHidden = () => document.visibilityState === "hidden";

    function stopTimer() {
        browser.clearTimeout(timer);
        isSoon = false;
    }

    async function look() {
        stopTimer();
        if (isReading) {
            isOwed = true;
            return;
        }
        isReading = true;
        try {
            await refresh();
        } finally {
            goOn();
        }
    }

    /** The figures are here: look again in a moment where there was news, else now and then. */
    function goOn() {
        stopTimer();
        isReading = false;
        if (!isGone && !isHidden()) {
            timer = browser.setTimeout(look, isOwed ? AGAIN : KEEP_WATCHING);
            isSoon = isOwed;
            isOwed = false;
        }
    }

    function catchUp() {
        if (isHidden()) {
            stopTimer();
            return;
        }
        isOwed = true;
        if (!isReading && !isSoon) {
            look();
        }
    }

    function onNews({ campaign_id: campaignId }) {
        const isMeant = watched.length ? watched.includes(campaignId) : !campaignId;
        if (isMeant) {
            catchUp();
        }
    }

    /** To be called before the figures of other campaigns are read, and `looked` afterwards. */
    function listen(campaignIds) {
        if (isGone) {
            return;
        }
        const wanted = campaignIds.length ? campaignIds.map((id) => `${TYPE}_${id}`) : [TYPE];
        channels.filter((name) => !wanted.includes(name)).forEach(bus.deleteChannel);
        wanted.filter((name) => !channels.includes(name)).forEach(bus.addChannel);
        channels = wanted;
        watched = campaignIds;
        stopTimer();
        isReading = true;
    }

    /** To be called when the figures were read: looks once more, then now and then. */
    function looked() {
        isOwed = true;
        goOn();
    }

    bus.subscribe(TYPE, onNews);
    bus.addEventListener("BUS:RECONNECT", catchUp);
    useExternalListener(document, "visibilitychange", catchUp);
    // Also of a component that was never seen, because its reader went elsewhere meanwhile.
    onWillDestroy(() => {
        isGone = true;
        stopTimer();
        channels.forEach(bus.deleteChannel);
        bus.unsubscribe(TYPE, onNews);
        bus.removeEventListener("BUS:RECONNECT", catchUp);
    });
    return { listen, looked, monitoring };
}
