/* Campaign Flow: tells Odoo what visitors of this site look at. See the user's guide, "Website". */
((window, document, navigator, location) => {
    const script = document.currentScript;
    if (!script || window.flowTracker) return;
    const settings = "settings";
    const { contact, consent, forms } = script.dataset;
    const endpoint = new URL("t", script.src).href;
    const STORED = "flow_visitor";
    const MARKS = [5, 15, 30, 60, 120, 300, 600, 1200]; // seconds visible after which it is told
    const FILES = /\.(pdf|zip|rar|7z|gz|docx?|xlsx?|pptx?|od[tsp]|csv|epub|mp[34]|mov|dmg|exe|apk|ics)$/i;
    const refused =
        settings.privacy && (navigator.globalPrivacyControl || navigator.doNotTrack === "1");
    const now = () => performance.now();
    const visible = () => document.visibilityState === "visible";
    const random = () =>
        [...crypto.getRandomValues(new Uint8Array(12))]
            .map((byte) => byte.toString(16).padStart(2, "0"))
            .join("");

    // -- who: a random name; kept in the browser only where that is allowed
    let visitor = random();
    const keep = () => {
        try {
            visitor = localStorage.getItem(STORED) || visitor;
            localStorage.setItem(STORED, visitor);
        } catch {
            // storage is switched off: the name lasts as long as the page
        }
    };
    if (!refused) {
        let agreed = !settings.consent && consent !== "required";
        try {
            agreed ||= localStorage.getItem(STORED); // who agreed once
        } catch {
            agreed = false;
        }
        if (agreed) keep();
    }

    // The token of a link is for us alone: it does not stay in the address.
    let token = new URLSearchParams(location.search).get("flow") || "";
    if (token) {
        const query = location.search
            .replace(/([?&])flow=[^&]*/g, "$1")
            .replace(/&&+/g, "&")
            .replace("?&", "?")
            .replace(/[?&]$/, "");
        history.replaceState(history.state, "", location.pathname + query + location.hash);
    }
    token = contact || token;

    // -- which page, and how long it is visible
    let view, began, url, referrer, number, shown, since, mark;
    const seconds = () => (shown + (since === null ? 0 : now() - since)) / 1000;
    const send = (events = []) => {
        if (refused || !view) return;
        const body = JSON.stringify({
            visitor,
            token,
            view,
            url,
            referrer,
            title: document.title,
            age: Math.round(now() - began),
            seconds: Math.floor(seconds()),
            events,
        });
        if (!navigator.sendBeacon?.(endpoint, body)) {
            const options = { method: "POST", mode: "no-cors", credentials: "omit", keepalive: true };
            fetch(endpoint, { ...options, body }).catch(() => {});
        }
    };
    const begin = () => {
        if (view) send();
        referrer = view ? url : document.referrer;
        url = location.href;
        view = random();
        began = now();
        number = shown = mark = 0;
        since = visible() ? began : null;
        send();
    };
    const happen = (what) => {
        if (!view) begin();
        send([{ n: ++number, ...what }]);
    };
    const look = () => {
        if (!view) {
            if (visible()) begin(); // a page in a tab at the back is not visited yet
        } else if (visible()) {
            since ??= now();
        } else if (since !== null) {
            shown += now() - since;
            since = null;
            send();
        }
    };
    const moved = () => view && url.split("#")[0] !== location.href.split("#")[0] && begin();

    // -- what happens
    const clicked = ({ target }) => {
        const link = target.closest?.("a[href]");
        if (!link) return;
        if (link.hasAttribute("download") || FILES.test(link.pathname) || /[?&]download=/.test(link.search)) {
            const name = link.download || link.pathname.split("/").pop();
            happen({ kind: "downloaded", url: link.href, detail: name });
        }
    };
    const submitted = ({ target: form }) => {
        const own = form.getAttribute("data-flow-form");
        if (own === null && forms === "marked") return;
        const field = (name) => form.elements.namedItem(name)?.value?.toString();
        const detail = own || form.getAttribute("name") || form.getAttribute("id") || "";
        const who = { email: field("email"), name: field("name"), phone: field("phone") };
        happen({ kind: "submitted", detail, ...(own !== null && who) });
    };
    window.flowTracker = {
        get visitor() {
            return refused ? "" : visitor;
        },
        event: (name, { value } = {}) => 
            happen({ kind: "custom", detail: `${name}`, value: value === undefined ? value : +value }),
        consent: (given = true) => {
            if (refused) return;
            if (given) return keep();
            try {
                localStorage.removeItem(STORED);
            } catch {
                // nothing is stored
            }
            visitor = random();
        },
    };
    if (refused) return;
    const push = history.pushState;
    history.pushState = function (...state) {
        push.apply(this, state);
        moved();
    };
    window.addEventListener("popstate", moved);
    window.addEventListener("pageshow", (event) => event.persisted && begin());
    window.addEventListener("pagehide", () => send());
    document.addEventListener("visibilitychange", look);
    document.addEventListener("click", clicked, true);
    document.addEventListener("auxclick", clicked, true);
    document.addEventListener("submit", submitted, true);
    setInterval(() => {
        if (view && seconds() >= MARKS[mark]) {
            while (seconds() >= MARKS[mark]) mark++;
            send();
        }
    }, 1000);
    look();
})(window, document, navigator, location);
